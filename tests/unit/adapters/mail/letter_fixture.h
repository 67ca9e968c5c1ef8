// Deliveries and signers for letter tests: what the shipped policies would send.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "service/adapters/mail/letter_composer.h"
#include "tests/support/paths/paths.h"

namespace kulanz::testing {

inline Money Amount(std::string_view number, std::string_view currency = "EUR") {
  return *Money::Parse(number, *Currency::FromCode(currency));
}

inline Instant At(std::string_view text) { return *ParseInstant(text); }

inline VoucherCode ACode() {
  std::array<std::uint8_t, 32> mac{};
  for (std::size_t i = 0; i < mac.size(); ++i) mac.at(i) = static_cast<std::uint8_t>(37 * i + 11);
  return VoucherCode::Make(19, mac);
}

inline Customer MsMueller() {
  Customer customer;
  customer.id = CustomerId("C-1");
  customer.given_name = "Jördis";
  customer.family_name = "Müller";
  customer.salutation = Salutation::kMs;
  customer.email = "joerdis.mueller@example.com";
  customer.locale = "de-DE";
  customer.time_zone = "Europe/Berlin";
  return customer;
}

inline Customer AlexKim() {
  Customer customer = MsMueller();
  customer.given_name = "Alex";
  customer.family_name = "Kim";
  customer.salutation = Salutation::kNeutral;
  customer.email = "alex.kim@example.org";
  customer.locale = "en-GB";
  customer.time_zone = "Europe/London";
  return customer;
}

inline VoucherTerms Terms(std::string_view amount) {
  return {Amount(amount), At("2027-03-08T22:59:59.999Z"), "Europe/Berlin", "SORRY", {}, false};
}

inline Voucher AVoucher(std::string_view amount, std::string message, std::string signed_by) {
  return {IncidentId("I-2026-4001"),
          CustomerId("C-1"),
          PolicyId("policy"),
          Terms(amount),
          At("2026-09-10T07:12:00Z"),
          VoucherState::kIssued,
          Amount(amount),
          "first",
          {},
          {std::move(message), std::move(signed_by), Duration{0}},
          {}};
}

inline ports::Delivery ADelivery(Customer customer, Incident incident, Voucher voucher) {
  DeliveryTerms terms = voucher.delivery_terms;
  std::string zone = voucher.terms.zone;
  const Instant written_at = voucher.issued_at;
  return {"00112233445566778899aabbccddeeff",
          std::move(customer),
          std::move(incident),
          std::move(terms),
          std::move(zone),
          ports::EnclosedVoucher{std::move(voucher), ACode()},
          written_at};
}

// The same letter as an apology without money.
inline ports::Delivery WithoutVoucher(ports::Delivery delivery) {
  delivery.voucher.reset();
  return delivery;
}

inline Incident AnIncident(std::string type) {
  Incident incident;
  incident.id = IncidentId("I-2026-4001");
  incident.customer = CustomerId("C-1");
  incident.type = std::move(type);
  incident.occurred_at = At("2026-09-10T07:00:00Z");
  return incident;
}

inline ports::Delivery LateDelivery(Customer customer) {
  Incident incident = AnIncident("late_delivery");
  incident.order = Order{OrderId("T-316068"), Amount("85.40"), At("2026-09-01T08:00:00Z")};
  incident.attributes["promised_at"] = At("2026-09-07T21:59:59Z");
  incident.attributes["delivered_at"] = At("2026-09-10T06:45:00Z");
  Voucher voucher = AVoucher("8.54", "late-delivery", "anna");
  voucher.terms.minimum_order = Amount("20");
  return ADelivery(std::move(customer), std::move(incident), std::move(voucher));
}

// What follows a late delivery's letter.
inline ports::Delivery Following(ports::Delivery delivery, std::string message) {
  delivery.terms.message = std::move(message);
  delivery.id = "0123456789abcdef0123456789abcdef";
  delivery.written_at = At("2027-02-22T22:59:59.999Z");
  return delivery;
}

inline ports::Delivery DelayedActivation(Customer customer) {
  Incident incident = AnIncident("delayed_activation");
  incident.order = Order{OrderId("T-318241"), Amount("31.37"), std::nullopt};
  incident.attributes["ordered_at"] = At("2026-08-19T15:59:59Z");
  incident.attributes["promised_at"] = At("2026-08-24T21:59:59Z");
  incident.attributes["product"] = std::string("Fibre 100 <fast & furious>");
  return ADelivery(std::move(customer), std::move(incident),
                   AVoucher("30", "delayed-activation", "jonas"));
}

inline ports::Delivery MissedAppointment(Customer customer) {
  Incident incident = AnIncident("missed_appointment");
  incident.attributes["appointment_at"] = At("2026-09-09T12:30:00Z");
  Voucher voucher = AVoucher("25", "missed-appointment", "miriam");
  voucher.terms.transferable = true;
  return ADelivery(std::move(customer), std::move(incident), std::move(voucher));
}

inline adapters::Signers ThePeople() {
  return {
      {"anna",
       {"Anna Berger", "Head of Logistics", "anna.berger@example.com", "service@example.com"}},
      {"jonas", {"Jonas Weidner", "Head of Network Operations", "jonas.weidner@example.com", ""}},
      {"miriam", {"Miriam Ọdúyà", "Head of Customer Service", "miriam@bücher.example", ""}}};
}

// The messages that are shipped; problems end the test.
inline std::shared_ptr<const adapters::MessageSet> ShippedMessages() {
  adapters::TemplateProblems problems;
  auto set = adapters::MessageSet::Load(test::SourcePath("rules/messages"), "en", problems);
  for (const adapters::TemplateProblem& problem : problems) ADD_FAILURE() << problem.ToString();
  return set;
}

inline adapters::LetterSources ShippedSources() {
  return {ShippedMessages(),
          ThePeople(),
          {"Nordlicht Versand GmbH", "Hafenstraße 1, 20457 Hamburg", "https://nordlicht.example"}};
}

}  // namespace kulanz::testing
