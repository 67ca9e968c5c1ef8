#include "service/kulanzd/server.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "service/adapters/grpc/access_log.h"
#include "service/adapters/grpc/connection_acceptor.h"
#include "service/adapters/grpc/overload_guard.h"
#include "service/adapters/grpc/rpc_server.h"
#include "service/adapters/maildir/maildir_messenger.h"
#include "service/adapters/prometheus/prometheus_telemetry.h"
#include "service/adapters/smtp/smtp_messenger.h"
#include "service/adapters/system/audit_file.h"
#include "service/adapters/system/system_entropy.h"
#include "service/adapters/webhook/webhook_events.h"
#include "service/adapters/webhook/webhook_messenger.h"
#include "service/app/call_admission.h"
#include "service/app/channel_messenger.h"
#include "service/base/steady_now.h"
#include "service/kulanzd/access_control.h"
#include "service/kulanzd/application.h"
#include "service/kulanzd/opened_store.h"
#include "service/kulanzd/policy_reloader.h"
#include "service/kulanzd/port_file.h"
#include "service/kulanzd/secret_reloader.h"
#include "service/kulanzd/spare_memory.h"
#include "service/kulanzd/tls_files.h"
#include "service/kulanzd/traces.h"
#include "service/kulanzd/trusted_callers.h"
#include "service/wiring/secrets.h"

namespace kulanz::server {
namespace {

constexpr Duration kLeaseReturnTime{5'000};
// For traces; for letters and events in hand at least.
constexpr Duration kSendingTime{1'000};

Status MakeDirectory(const std::string& path, mode_t mode) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) {
    return Status(Code::kFailedPrecondition, "DIRECTORY",
                  "cannot create the directory " + path + ": " + error.message());
  }
  if (made) {  // What was there has the mode that somebody gave it.
    ::chmod(path.c_str(), mode);
  }
  return Status::Ok();
}

// As many as were asked for, and as the limit of open files has room for.
rpc::ConnectionLimits ConnectionLimitsOf(const OverloadAccess& overload) {
  rpc::ConnectionLimits limits = overload.connections;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    limits.connections_max = rpc::DescriptorsForConnections(limits.connections_max, files.rlim_cur);
  }
  limits.per_address_max = std::min(limits.per_address_max, limits.connections_max);
  return limits;
}

}  // namespace

// In the order of their making; destroyed the other way round.
struct Server::Parts {
  Parts(Config the_config, ports::Log& the_log)
      : config(std::move(the_config)), log(the_log), admission(config.overload.calls) {}

  const Config config;
  ports::Log& log;
  adapters::SystemEntropy entropy;
  adapters::PrometheusTelemetry telemetry{{.version = KULANZ_VERSION, .revision = KULANZ_REVISION}};
  TrustedCallers trusted_callers;
  std::unique_ptr<TlsFiles> tls;          // null: plaintext
  std::unique_ptr<AccessControl> access;  // null: nobody is asked who they are
  std::unique_ptr<wiring::Secrets> secrets;
  app::PolicyHolder policies;
  std::unique_ptr<PolicyReloader> reloader;
  std::unique_ptr<OpenedStore> store;
  std::unique_ptr<SecretReloader> secret_reloader;
  std::unique_ptr<ports::Messenger> email;     // by e-mail, or files
  std::unique_ptr<ports::Messenger> messages;  // by webhook; null: none
  std::unique_ptr<ports::Messenger> channels;  // over both; null without messages
  std::unique_ptr<ports::EventSink> events;
  std::unique_ptr<adapters::AuditFile> audit;
  std::unique_ptr<Application> application;
  std::unique_ptr<adapters::MetricsServer> metrics;
  app::CallAdmission admission;
  rpc::OverloadGuard guard{admission, telemetry.serving()};
  rpc::AccessLog access_log{log, config.logging.one_in};
  std::unique_ptr<Traces> traces;  // null: none
  std::unique_ptr<rpc::RpcServer> rpc;
  bool was_ready = false;
  SpareMemory spare_memory;

  Status Bring();
  Status BringAccess();
  Status BringSecrets();
  void BringPolicies();
  Status BringLetters();
  Status BringMessages();
  Status BringEvents();
  ports::Messenger* messenger() const { return channels != nullptr ? channels.get() : email.get(); }
  app::CourierSettings CourierSettingsOf() const;
  rpc::ClientCertificates ClientCertificatesNow() const;
  std::string PolicyRevision() const;
  Status BringServing();
};

Status Server::Parts::Bring() {
  KULANZ_RETURN_IF_ERROR(MakeDirectory(config.data, 0700));
  KULANZ_ASSIGN_OR_RETURN(trusted_callers, TrustedCallers::Parse(config.trusted_callers));
  KULANZ_RETURN_IF_ERROR(BringAccess());
  KULANZ_RETURN_IF_ERROR(BringSecrets());
  BringPolicies();
  KULANZ_RETURN_IF_ERROR(BringLetters());
  KULANZ_RETURN_IF_ERROR(BringMessages());
  KULANZ_RETURN_IF_ERROR(BringEvents());
  KULANZ_ASSIGN_OR_RETURN(store, OpenStore(config, log, telemetry));
  secret_reloader = std::make_unique<SecretReloader>(
      config.secrets, *secrets, [this] { return store->store().Now(); }, telemetry,
      telemetry.files(), log);
  secret_reloader->Watch();
  application = std::make_unique<Application>(ApplicationParts{
      .store = store->store(),
      .messenger = messenger(),
      .entropy = entropy,
      .telemetry = telemetry,
      .log = log,
      .secrets = *secrets,
      .policies = policies,
      .intake = {.max_age = config.intake_max_age},
      .deliver_at_once = config.deliver_at_once,
      .courier = CourierSettingsOf(),
      .budgets = {},
      .vouchers = {.reversal_grace_days = config.reversal_grace_days},
      .expiry = {},
      .events = events.get(),
      .event_types = config.webhooks.types,
      // A claim outlives the longest attempt, its wait for a turn, and the recording.
      .dispatcher = {.lease = 2 * config.webhooks.events.timeout + std::chrono::seconds(15),
                     .attempts_max = config.webhooks.event_attempts},
      .pools = {},
      .guesses = {},
      .trust = &trusted_callers,
  });
  return BringServing();
}

Status Server::Parts::BringAccess() {
  const auto host_time = [] {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  };
  if (config.access.uses_tls()) {
    KULANZ_ASSIGN_OR_RETURN(tls, TlsFiles::Load(config.access, host_time, telemetry.files(), log));
  }
  if (config.access.identifies()) {
    KULANZ_ASSIGN_OR_RETURN(access,
                            AccessControl::Load(config.access, host_time, telemetry.files(), log));
  } else if (config.access.without_credentials) {
    log.Warning("without_credentials", "whoever reaches this server may call everything",
                {{"listen", config.listen}});
  }
  KULANZ_ASSIGN_OR_RETURN(audit,
                          adapters::AuditFile::Open(config.access.audit_log, host_time, log));
  return Status::Ok();
}

Status Server::Parts::BringSecrets() {
  // With a Redis of somebody else, all servers must have the same secrets: nobody makes its own.
  if (config.store != StoreChoice::kRedis) {
    KULANZ_RETURN_IF_ERROR(wiring::CreateSecrets(config.secrets, entropy));
  }
  KULANZ_ASSIGN_OR_RETURN(secrets, wiring::LoadSecrets(config.secrets));
  return Status::Ok();
}

void Server::Parts::BringPolicies() {
  std::optional<LetterSettings> letters;
  if (config.deliveries) {
    letters = {.default_locale = config.default_locale,
               .company = {.name = config.company_name,
                           .address = config.company_address,
                           .url = config.company_url}};
  }
  reloader = std::make_unique<PolicyReloader>(config.rules, std::move(letters), policies, telemetry,
                                              telemetry.files(), log);
  if (const std::string problems = reloader->Reload(); !problems.empty()) {
    std::fputs(problems.c_str(), stderr);
    log.Warning("policies_awaited",
                "the policies cannot be used; the problems are listed above ('kulanz check' lists "
                "them again). Incidents are refused until they are mended",
                {{"directory", config.rules}});
  }
  reloader->Watch();
}

Status Server::Parts::BringLetters() {
  if (!config.deliveries) {
    log.Warning("no_deliveries", "letters are not sent by this server; they stay on the agenda");
    return Status::Ok();
  }
  if (config.smtp.chosen()) {
    email = std::make_unique<adapters::SmtpMessenger>(config.smtp.options, reloader->composer());
    return Status::Ok();
  }
  KULANZ_ASSIGN_OR_RETURN(
      auto maildir,
      adapters::Maildir::Open(config.mail_dir, adapters::Maildir::Durability::kSynced));
  email = std::make_unique<adapters::MaildirMessenger>(std::move(maildir), reloader->composer(),
                                                       adapters::MaildirMessenger::Options{});
  return Status::Ok();
}

Status Server::Parts::BringMessages() {
  if (config.webhooks.sends_messages() && email != nullptr) {
    KULANZ_ASSIGN_OR_RETURN(
        auto sender, adapters::WebhookSender::Make("messages", config.webhooks.messages,
                                                   config.webhooks.connections, telemetry, log));
    messages = std::make_unique<adapters::WebhookMessenger>(std::move(sender), telemetry);
    channels = std::make_unique<app::ChannelMessenger>(*email, *messages, telemetry);
  }
  return Status::Ok();
}

// A claim must outlive an attempt on either channel, one after the other.
app::CourierSettings Server::Parts::CourierSettingsOf() const {
  app::CourierSettings settings = config.smtp.courier;
  if (config.webhooks.sends_messages()) {
    settings.lease += 2 * config.webhooks.messages.timeout;
  }
  return settings;
}

std::string Server::Parts::PolicyRevision() const {
  const auto set = policies.Current();
  return set == nullptr ? "" : set->revision().text();
}

// By any thread.
rpc::ClientCertificates Server::Parts::ClientCertificatesNow() const {
  if (config.access.client_ca_file.empty()) {
    return rpc::ClientCertificates::kNone;
  }
  return access != nullptr && access->takes_tokens() ? rpc::ClientCertificates::kOptional
                                                     : rpc::ClientCertificates::kRequired;
}

Status Server::Parts::BringEvents() {
  if (config.webhooks.tells_events()) {
    KULANZ_ASSIGN_OR_RETURN(
        auto sender, adapters::WebhookSender::Make("events", config.webhooks.events,
                                                   config.webhooks.connections, telemetry, log));
    events = std::make_unique<adapters::WebhookEvents>(std::move(sender));
  }
  return Status::Ok();
}

Status Server::Parts::BringServing() {
  if (!config.metrics.empty()) {
    KULANZ_ASSIGN_OR_RETURN(metrics, adapters::MetricsServer::Start(config.metrics, telemetry));
  }
  rpc::RpcServerOptions options{.listen = config.listen, .reflection = config.reflection};
  options.connections = ConnectionLimitsOf(config.overload);
  options.transport = config.overload.transport;
  options.probe = config.overload.probe;
  options.telemetry = &telemetry.serving();
  options.log = &log;
  options.steps.admission = &guard;
  if (config.logging.calls) {
    options.steps.observers.push_back(&access_log);
  }
  if (config.traces.sends()) {
    KULANZ_ASSIGN_OR_RETURN(traces, Traces::Open(config.traces, entropy, telemetry.spans(), log));
    options.steps.observers.push_back(&traces->observer());
  }
  options.steps.identification = access.get();
  options.steps.audit = audit.get();
  options.steps.policy_revision = [this] { return PolicyRevision(); };
  options.tls = tls == nullptr ? nullptr : tls->identity();
  options.client_certificates = [this] { return ClientCertificatesNow(); };
  options.health_listen = config.access.health_listen;
  KULANZ_ASSIGN_OR_RETURN(rpc, rpc::RpcServer::Start(options, application->use_cases(),
                                                     [this] { return application->Ready(); }));
  const int metrics_port = metrics == nullptr ? 0 : metrics->port();
  log.Info("listening", "listening",
           {{"grpc_port", std::to_string(rpc->port())},
            {"metrics_port", std::to_string(metrics_port)},
            {"health_port", std::to_string(rpc->health_port())},
            {"version", KULANZ_VERSION}});
  // Last: whoever waits for it finds all of this in the log.
  if (!config.port_file.empty()) {
    KULANZ_RETURN_IF_ERROR(WritePortFile(config.port_file, rpc->port(), metrics_port));
  }
  return Status::Ok();
}

Result<std::unique_ptr<Server>> Server::Start(const Config& config, ports::Log& log) {
  std::unique_ptr<Server> server(new Server(std::make_unique<Parts>(config, log)));
  KULANZ_RETURN_IF_ERROR(server->parts_->Bring());
  server->Tick();
  return server;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { Stop(); }

void Server::Tick() {
  if (parts_->tls != nullptr) {
    parts_->tls->Tick();
  }
  if (parts_->access != nullptr) {
    parts_->access->Tick();
  }
  parts_->secret_reloader->Tick();
  const app::CallAdmission::View calls = parts_->admission.view();
  parts_->spare_memory.Tick(std::chrono::steady_clock::now());
  parts_->telemetry.serving().CallsObserved(calls.in_flight, calls.limit, calls.usual);
  const bool ready = parts_->application->Ready();
  if (ready != std::exchange(parts_->was_ready, ready)) {
    if (ready) {
      parts_->log.Info("ready", "requests are served");
    } else {
      const Status store = parts_->store->store().Health();
      const Status health =
          store.ok() ? Status(Code::kUnavailable, "POLICIES_NOT_LOADED", "no policy set is active")
                     : store;
      parts_->log.Warning("not_ready", "requests are refused for the moment",
                          {{"reason", std::string(health.reason())}, {"why", health.message()}});
    }
    parts_->rpc->RefreshHealth();
  }
}

bool Server::NeedsRestart() const { return parts_->rpc->is_silent(); }

void Server::Reload() {
  parts_->reloader->Reload();
  parts_->secret_reloader->Reload();
}

void Server::Stop() {
  Parts& parts = *parts_;
  Deadline sent_by = SteadyNow();
  if (parts.rpc != nullptr) {
    parts.rpc->StopServing();
    std::this_thread::sleep_for(parts.config.drain_wait);
    sent_by = SteadyNow() + parts.config.grace;
    parts.rpc->Stop(parts.config.grace);
    parts.rpc.reset();
  }
  if (parts.traces != nullptr) {
    parts.traces->Drain(kSendingTime);
  }
  // What is in hand may use what the calls have left of their time.
  sent_by = std::max(sent_by, SteadyNow() + kSendingTime);
  if (ports::Messenger* messenger = parts.messenger(); messenger != nullptr) {
    messenger->Drain(sent_by);
  }
  if (parts.events != nullptr) {
    parts.events->Drain(sent_by);
  }
  if (parts.application != nullptr) {
    const Deadline deadline = std::chrono::steady_clock::now() + kLeaseReturnTime;
    if (!parts.application->Stop(deadline)) {
      parts.log.Warning("leases_left",
                        "budget leases could not be given back; another server, or "
                        "this one when it starts again, recovers them");
    }
    parts.application.reset();
  }
  parts.events.reset();
  parts.channels.reset();
  parts.messages.reset();
  parts.email.reset();  // It uses the composer of the reloader.
  parts.reloader.reset();
  parts.metrics.reset();
  parts.secret_reloader.reset();
  parts.store.reset();
}

}  // namespace kulanz::server
