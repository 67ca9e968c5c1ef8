// kulanz inspect: shows what is stored of an incident, a customer or a voucher, or at a key.
#include <cstdio>
#include <memory>
#include <optional>

#include "service/base/crypto.h"
#include "service/doctor/check.h"
#include "service/kulanz/store/opened_store.h"
#include "service/kulanz/store/record_text.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

constexpr std::uint32_t kEntriesShown = 100;

struct InspectOptions {
  StoreOptions store;
  std::string incident;
  std::string customer;
  std::string voucher;
  std::string key;
  std::string format = "text";
  bool show_pii = false;
};

// Their indexes order by how often a code has moved, all others by time.
bool IsOfPools(ports::RecordKind kind) {
  return kind == ports::RecordKind::kPoolShelf || kind == ports::RecordKind::kPoolTransit;
}

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

// "{01f}v3c5a...": as doctor prints it.
std::optional<ports::Key> ParseKeyText(std::string_view text, std::uint32_t partitions) {
  ports::Key key;
  if (text.size() != 6 + 2 * key.hash.size() || text[0] != '{' || text[4] != '}') {
    return std::nullopt;
  }
  unsigned partition = 0;
  for (const char c : text.substr(1, 3)) {
    const auto digit = HexDigit(c);
    if (!digit) return std::nullopt;
    partition = partition * 16 + *digit;
  }
  const auto kind = ports::KindOf(text[5]);
  if (!kind || partition >= partitions) return std::nullopt;
  for (std::size_t i = 0; i < key.hash.size(); ++i) {
    const auto high = HexDigit(text[6 + 2 * i]);
    const auto low = HexDigit(text[7 + 2 * i]);
    if (!high || !low) return std::nullopt;
    key.hash.at(i) = static_cast<std::uint8_t>(*high * 16 + *low);
  }
  key.partition.number = static_cast<std::uint16_t>(partition);
  key.kind = *kind;
  return key;
}

class Inspection {
 public:
  Inspection(OpenedStore& opened, const InspectOptions& options)
      : options_(options),
        keys_(opened.store().partition_count()),
        tools_{.store = opened.store(),
               .scan = opened.store(),
               .keys = keys_,
               .codec = opened.secrets().codec,
               .secrets = opened.secrets().vouchers} {
    json_.BeginObject().Key("records").BeginArray();
  }

  Status Run() {
    if (!options_.incident.empty()) return OfIncident(IncidentId(options_.incident));
    if (!options_.customer.empty()) return OfCustomer(CustomerId(options_.customer));
    if (!options_.voucher.empty()) return OfVoucher(options_.voucher);
    const auto key = ParseKeyText(options_.key, keys_.partition_count());
    if (!key) {
      return Status(Code::kInvalidArgument, "KEY",
                    "a key looks like {01f}v and 32 hexadecimal digits, as doctor prints it");
    }
    return Show(*key).status();
  }

  bool found() const { return found_; }
  bool corrupt() const { return corrupt_; }
  std::string Text() {
    if (options_.format != "json") {
      return found_ ? text_ : "nothing is stored there\n";
    }
    json_.EndArray().EndObject();
    return json_.Line();
  }

 private:
  Status OfIncident(const IncidentId& incident) {
    const ports::Key claim_key = keys_.Claim(incident);
    KULANZ_ASSIGN_OR_RETURN(const std::string stored, Show(claim_key));
    const auto claim = tools_.codec.DecodeClaim(claim_key, stored);
    if (!claim.ok()) {
      return Status::Ok();  // shown as what it is
    }
    const ports::PartitionId partition = keys_.PartitionOf(claim->customer);
    return OfDecision(keys_.Decision(partition, incident));
  }

  Status OfDecision(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const std::string stored, Show(key));
    const auto decision = tools_.codec.DecodeDecision(key, stored);
    if (!decision.ok()) {
      return Status::Ok();
    }
    const IncidentId& incident = decision->decision.incident.id;
    if (decision->voucher_key) {
      KULANZ_RETURN_IF_ERROR(Show(keys_.Voucher(key.partition, *decision->voucher_key)).status());
    }
    if (decision->decision.outcome == Outcome::kApologised) {
      KULANZ_RETURN_IF_ERROR(Show(keys_.Apology(key.partition, key.hash)).status());
    }
    for (const app::LaterRevision& later : decision->later) {
      KULANZ_RETURN_IF_ERROR(
          OfDecision(keys_.Decision(key.partition, app::HashOf(incident, later.revision))));
    }
    return Status::Ok();
  }

  Status OfCustomer(const CustomerId& customer) {
    KULANZ_RETURN_IF_ERROR(Show(keys_.Profile(customer)).status());
    KULANZ_RETURN_IF_ERROR(Show(keys_.HistoryOf(customer)).status());
    return Show(keys_.DecisionIndex(customer)).status();
  }

  Status OfVoucher(const std::string& text) {
    const auto code = VoucherCode::Parse(text);
    if (!code || code->partition() >= keys_.partition_count()) {
      return Status(Code::kInvalidArgument, "VOUCHER_CODE", "this is no voucher code: mistyped?");
    }
    for (const ports::KeyHash& hash : tools_.secrets.LookupHashes(*code)) {
      const ports::Key key = keys_.Voucher({code->partition()}, hash);
      KULANZ_ASSIGN_OR_RETURN(const std::string stored, Show(key));
      const auto voucher = tools_.codec.DecodeVoucher(key, stored);
      if (voucher.ok()) {
        return Show(keys_.Decision(key.partition, voucher->incident)).status();
      }
    }
    return Status::Ok();
  }

  // Adds what stands at `key`, if anything; the stored bytes of a record.
  Result<std::string> Show(const ports::Key& key) {
    switch (ports::ShapeOf(key.kind)) {
      case ports::RecordShape::kCounter: {
        KULANZ_ASSIGN_OR_RETURN(const std::int64_t value, doctor::ReadCounter(tools_, key));
        Add(key, 0, "value", std::to_string(value));
        return std::string();
      }
      case ports::RecordShape::kIndex:
        KULANZ_RETURN_IF_ERROR(ShowIndex(key));
        return std::string();
      case ports::RecordShape::kRecord:
        break;
    }
    KULANZ_ASSIGN_OR_RETURN(ports::Record record, doctor::ReadOne(tools_, key));
    if (!record.exists()) {
      return std::string();
    }
    const auto payload = tools_.codec.Open(key, record.value);
    const auto json = payload.ok() ? PayloadToJson(key.kind, *payload,
                                                   {options_.show_pii, options_.format != "json"})
                                   : Result<std::string>(payload.status());
    if (json.ok()) {
      Add(key, record.version, "record", *json);
    } else {
      corrupt_ = true;
      JsonWriter why;
      why.Value(json.status().message());
      std::string quoted = why.Line();
      quoted.pop_back();
      Add(key, record.version, "corrupt", quoted);
    }
    return std::move(record.value);
  }

  Status ShowIndex(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(
        const std::vector<ports::IndexEntry> entries,
        doctor::ReadIndex(tools_, {key, -ports::kStoredIntegerMax, ports::kStoredIntegerMax,
                                   kEntriesShown, false}));
    if (entries.empty()) {
      return Status::Ok();
    }
    JsonWriter json;
    json.BeginArray();
    for (const ports::IndexEntry& entry : entries) {
      json.BeginObject().Field("member", ToHex(entry.member));
      if (IsOfPools(key.kind)) {
        json.Field("hop", std::to_string(entry.score));
      } else {
        json.Field("at", FormatInstant(InstantFromMillis(entry.score)));
      }
      json.EndObject();
    }
    json.EndArray();
    std::string text = json.Line();
    text.pop_back();
    Add(key, 0, "entries", text);
    return Status::Ok();
  }

  void Add(const ports::Key& key, std::uint64_t version, const char* what,
           const std::string& json) {
    found_ = true;
    json_.BeginObject().Field("kind", NameOf(key.kind)).Field("key", doctor::KeyText(key));
    if (version != 0) {
      json_.Field("version", version);
    }
    json_.Key(what).Raw(json).EndObject();
    text_ += std::string(NameOf(key.kind)) + " " + doctor::KeyText(key) +
             (version == 0 ? "" : ", version " + std::to_string(version)) +
             (std::string_view(what) == "corrupt" ? ": CORRUPT" : "") + "\n" + json +
             (json.ends_with('\n') ? "" : "\n");
  }

  const InspectOptions& options_;
  const app::Keys keys_;
  const doctor::Tools tools_;
  JsonWriter json_;
  std::string text_;
  bool found_ = false;
  bool corrupt_ = false;
};

int RunInspect(const InspectOptions& options) {
  const auto opened = OpenedStore::Open(options.store);
  Status status = opened.status();
  if (opened.ok()) {
    Inspection inspection(**opened, options);
    status = inspection.Run();
    if (status.ok()) {
      std::fputs(inspection.Text().c_str(), stdout);
      return inspection.found() && !inspection.corrupt() ? kExitClean : kExitProblems;
    }
  }
  std::fprintf(stderr, "kulanz: %s\n", status.message().c_str());
  return status.code() == Code::kInvalidArgument ? kExitUsage : kExitProblems;
}

}  // namespace

void AddInspect(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App& verb = *app.add_subcommand(
      "inspect", "Show what is stored; ends with 1 when that is nothing, or damaged");
  AddStoreOptions(verb, options->store);
  auto* what = verb.add_option_group("what");
  what->add_option("--incident", options->incident, "its claim, decisions, vouchers and letters");
  what->add_option("--customer", options->customer, "profile, history and the list of decisions");
  what->add_option("--voucher", options->voucher, "by its code: the voucher and its decision");
  what->add_option("--key", options->key, "one record, by the key that doctor prints");
  what->require_option(1);
  verb.add_flag("--show-pii", options->show_pii,
                "also names, addresses and what people wrote; codes are stored nowhere");
  verb.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunInspect(*options); });
}

}  // namespace kulanz::command
