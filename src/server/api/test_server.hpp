// The API over a real server on loopback, with a made-up ledger and real accounts (whose passwords cost nothing) behind
// it. For tests only.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/identity/test_accounts.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"
#include "server/api/api.hpp"
#include "server/api/gate.hpp"

namespace tidemark::api {

constexpr base::UnixMillis kNow = 1'795'399'114'828;  // 2026-11-23T01:58:34.828Z

inline query::Totals some_totals(std::int64_t dollars, std::int64_t requests = 4) {
    query::Totals totals;
    totals.measures.cost = base::NanoUsd{dollars * 1'000'000'000};
    totals.measures.requests = requests;
    totals.measures.tokens.input = 10;
    totals.measures.tokens.output = 20;
    totals.measures.tokens.cache_read = 70;
    totals.measures.duration_ms = 900;
    totals.measures.timed_requests = 3;
    totals.sessions = 2;
    return totals;
}

/// A ledger that remembers what it was asked.
struct FakeLedger {
    std::mutex mutex;
    query::SeriesQuery series_query;
    query::BreakdownQuery breakdown_query;
    query::SessionsQuery sessions_query;
    query::RecordsQuery records_query;
    std::vector<query::Scope> totals_scopes;
    std::vector<query::Block> blocks;
    std::vector<query::SessionRow> active;
    base::ErrorCode session_error = base::ErrorCode::kNotFound;
    bool fail_all = false;
    std::string breakdown_key = "/home/x/p";

    std::atomic<std::uint64_t> seq{42};
    std::atomic<int> summaries{0}, details{0};
    base::UnixMillis last_activity = 0;

    /// Every question, with the reach that it was asked with: nothing is everything.
    std::vector<std::shared_ptr<const query::Reach>> reaches;
    void ask(const std::shared_ptr<const query::Reach>& reach) {
        const std::lock_guard lock(mutex);
        reaches.push_back(reach);
    }
    void ask(const query::Reach* reach) {
        ask(reach == nullptr ? nullptr : std::make_shared<const query::Reach>(*reach));
    }

    Questions questions() {
        Questions q;
        q.seq = [this] { return seq.load(); };
        q.newest = [] { return kNow - 1000; };
        q.summary = [this](const query::Scope& scope, bool previous) -> base::Result<query::Summary> {
            ask(scope.reach);
            if (fail_all) {
                return base::fail(base::ErrorCode::kDeadlineExceeded, "the query took too long");
            }
            ++summaries;
            query::Summary summary;
            summary.seq = seq;
            summary.totals = some_totals(12);
            summary.weekly_trend = 0.5;
            summary.by_project = {{{"/home/x/p", "p"}, some_totals(12)}};
            if (previous) {
                summary.previous = some_totals(6);
                summary.previous_from = kNow - 2 * base::kDay;
                summary.previous_to = kNow - base::kDay;
            }
            return summary;
        };
        q.totals = [this](const query::Scope& scope) -> base::Result<query::Totals> {
            ask(scope.reach);
            const std::lock_guard lock(mutex);
            totals_scopes.push_back(scope);
            return some_totals(7);
        };
        q.series = [this](const query::SeriesQuery& query) -> base::Result<query::Series> {
            ask(query.scope.reach);
            const std::lock_guard lock(mutex);
            series_query = query;
            query::Series series;
            series.seq = 42;
            series.bucket = query.bucket;
            series.buckets = {kNow - base::kHour, kNow};
            series.ends_at = kNow + base::kHour;
            series.lines = {{{"a", "A"}, {1.5, std::nullopt}, 1.5}};
            series.complete_until = kNow;
            return series;
        };
        q.breakdown = [this](const query::BreakdownQuery& query) -> base::Result<query::Breakdown> {
            ask(query.scope.reach);
            const std::lock_guard lock(mutex);
            breakdown_query = query;
            query::Breakdown breakdown;
            breakdown.rows.push_back(
                {{breakdown_key, "p"}, some_totals(10), 1.0, base::NanoUsd{5'000'000'000}, 1.0, {1, 2, 3}});
            breakdown.totals = some_totals(10);
            breakdown.total_rows = 1;
            return breakdown;
        };
        q.hours = [this](const query::Scope& scope, query::Metric) -> base::Result<query::Hours> {
            ask(scope.reach);
            query::Hours hours;
            hours.values[0][23] = 2.5;
            return hours;
        };
        q.records = [this](const query::RecordsQuery& query) -> base::Result<query::RecordsPage> {
            ask(query.scope.reach);
            const std::lock_guard lock(mutex);
            records_query = query;
            query::Record record;
            record.id = 9;
            record.time = kNow;
            record.source = {"/t/x.jsonl", 3};
            return query::RecordsPage{{record}, "next"};
        };
        q.sessions = [this](const query::SessionsQuery& query) -> base::Result<query::SessionsPage> {
            ask(query.scope.reach);
            const std::lock_guard lock(mutex);
            sessions_query = query;
            query::SessionsPage page;
            page.sessions.emplace_back().id = "s1";
            page.total = 1;
            return page;
        };
        q.active_sessions = [this](base::UnixMillis,
                                   const query::Reach* reach) -> base::Result<std::vector<query::SessionRow>> {
            ask(reach);
            return active;
        };
        // A session that is named "of:M" was recorded under the member name M.
        q.session = [this](std::string_view id, const query::Reach* reach) -> base::Result<query::SessionDetail> {
            ask(reach);
            const bool of_somebody = id.starts_with("of:");
            if ((id != "s/1" && !of_somebody) ||
                (reach != nullptr && !reach->contains(of_somebody ? id.substr(3) : "", "/home/x/p"))) {
                return base::fail(session_error, "there is no session " + std::string(id));
            }
            ++details;
            query::SessionDetail detail;
            detail.session.id = id;
            detail.session.last_activity = last_activity;
            detail.session.active = last_activity != 0;
            detail.events = {{model::EventKind::kCompaction, kNow, "s/1", 1000, -1, "auto"},
                             {model::EventKind::kLines, kNow, "s/1", 1, 2, ""}};
            return detail;
        };
        q.blocks = [this](const query::Scope& scope, base::UnixMillis) -> base::Result<std::vector<query::Block>> {
            ask(scope.reach);
            return blocks;
        };
        q.events = [this](const query::Scope& scope, model::EventKind kind,
                          std::size_t) -> base::Result<std::vector<query::EventRow>> {
            ask(scope.reach);
            EXPECT_EQ(kind, model::EventKind::kLimitHit);
            return std::vector<query::EventRow>{{kind, kNow - base::kHour, "s1", kNow + base::kHour, -1, "five_hour"}};
        };
        q.projects = [this](const query::Scope& scope) -> base::Result<std::vector<query::ProjectRow>> {
            ask(scope.reach);
            EXPECT_EQ(scope.from, 0);
            query::ProjectRow row;
            row.project = {"/home/x/p", "p"};
            return std::vector{row};
        };
        q.facets = [this](const query::Scope& scope, std::size_t limit) {
            ask(scope.reach);
            EXPECT_EQ(limit, 200U);
            return base::Result<std::vector<std::pair<query::Dimension, std::vector<query::GroupKey>>>>(
                {{query::Dimension::kMcpServer, {{"github", "github"}}}});
        };
        return q;
    }
};

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};

/// What a sign-in provider at https://id.example tells about itself, and nothing else.
inline base::Result<net::FetchAnswer> provider_document(const net::FetchRequest& request) {
    if (request.url != "https://id.example/.well-known/openid-configuration") {
        return net::FetchAnswer{404, ""};
    }
    return net::FetchAnswer{200,
                            R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth",)"
                            R"("token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys"})"};
}

class ApiTest : public identity::AccountsTest {
protected:
    ApiTest() : feed_(40), context_{.questions = ledger_.questions(), .feed = feed_} {
        at(kNow);
        context_.people.accounts = accounts_.get();
        context_.people.oidc = oidc_.get();
        mail_->set_address("https://tidemark.example");
        context_.people.mail = mail_.get();
        context_.people.forget = [this](const identity::Erasure& erasure) {
            const std::lock_guard lock(ledger_.mutex);
            erased_.push_back(erasure.pseudonym);
        };
        context_.people.access_changed = [this] {
            server_->end_streams(
                [this](const net::Caller& caller) { return !still_allowed(*accounts_, caller, base::now()); });
        };
        context_.system.get = [] { return System{}; };
        context_.system.reload_tls = []() -> base::Result<void> { return {}; };
        context_.system.rotate_master_key = [](const identity::Act&) -> base::Result<void> { return {}; };
        context_.backups.problem = [this] { return backup_problem_; };
        context_.backups.list = []() -> base::Result<Backups> { return Backups{}; };
        context_.backups.begin = []() -> base::Result<void> { return {}; };
        context_.backups.restore = [this](const identity::Act& act, std::string_view name) -> base::Result<void> {
            const std::lock_guard lock(ledger_.mutex);
            restored_.push_back(act.caller.username + " " + std::string(name));
            return {};
        };
        context_.backups.remove_kept = []() -> base::Result<std::int64_t> { return 30; };
        context_.backups.settings = [] { return BackupSettings{}; };
        context_.backups.put_settings = [](const BackupSettings&) -> base::Result<void> { return {}; };
        context_.settings.get = [this] {
            const std::lock_guard lock(ledger_.mutex);
            return settings_;
        };
        context_.settings.put = [this](const Settings& settings) -> base::Result<void> {
            const std::lock_guard lock(ledger_.mutex);
            settings_ = settings;
            return {};
        };
        context_.sources = [this] { return sources_; };
        context_.readiness = [this] { return readiness_; };
        context_.server_stats = [this] { return server_ ? server_->stats() : net::ServerStats{}; };
        context_.figures = [] { return std::vector<Figure>{{"tidemark_source_files", "Transcript files.", 3}}; };
        context_.version = {"0.1.0", "abc", {kNow - base::kHour}, false};
        context_.prices.book = [] { return pricing::PriceBook::create().value(); };
        context_.prices.unknown_models = [] {
            return base::Result<std::vector<UnknownModel>>(std::vector<UnknownModel>{});
        };
        context_.prices.overrides = [] {
            return base::Result<std::vector<PriceOverride>>(std::vector<PriceOverride>{});
        };
        context_.prices.replace_overrides = [](const std::vector<PriceOverride>& overrides) -> base::Result<Repricing> {
            Repricing repricing;
            repricing.repriced_requests = static_cast<std::int64_t>(overrides.size());
            return repricing;
        };
        settings_.time_zone = "UTC";
        start({});
    }
    ~ApiTest() override {
        server_->stop();
        base::set_fixed_now(0);
    }

    void at(base::UnixMillis now) {
        now_ = now;
        base::set_fixed_now(now);
    }
    /// Also in place of the one that runs.
    void start(GateOptions gate) {
        subscription_ = {};
        server_.reset();
        context_.people.loopback = gate.loopback;
        net::Router router;
        mount(router, context_);
        net::ServerOptions options;
        options.listen = "127.0.0.1:0";
        options.threads = 1;
        options.gate = make_gate(*accounts_, gate);
        options.observer = [this](const net::Served& served) { context_.metrics.observe(served); };
        server_ = net::Server::start(std::move(options), std::move(router)).value();
        subscription_ = connect(feed_, [this](SelectFrame select) { server_->broadcast(std::move(select)); });
    }

    /// The address that requests come from, of 127.0.0.0/8.
    const char* from_ = "127.0.0.1";

    [[nodiscard]] int send_bytes(const std::string& bytes) const {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        EXPECT_EQ(inet_pton(AF_INET, from_, &address.sin_addr), 1);
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        address.sin_port = htons(server_->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        return fd;
    }
    /// Reads until `text` is there or nothing comes any more.
    static std::string read_until(int fd, std::string_view text) {
        std::string all;
        std::array<char, 65536> buffer;
        pollfd wait{fd, POLLIN, 0};
        while ((text.empty() || all.find(text) == std::string::npos) && poll(&wait, 1, 5000) > 0) {
            const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
            if (size <= 0) {
                break;
            }
            all.append(buffer.data(), static_cast<std::size_t>(size));
        }
        return all;
    }
    Answer call(const std::string& method, const std::string& target, const std::string& body = "",
                const std::string& headers = "Content-Type: application/json\r\n") {
        const int fd = send_bytes(
            method + " " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) + "\r\n" +
            headers + "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        const std::string all = read_until(fd, "");
        close(fd);
        const std::size_t end = all.find("\r\n\r\n");
        if (end == std::string::npos) {
            return {};
        }
        return {std::stoi(all.substr(9, 3)), all.substr(0, end), all.substr(end + 4)};
    }
    Answer get(const std::string& target) { return call("GET", target); }
    /// The body as DTO; also checks that it is exactly what the schema says.
    template <class T>
    T get_as(const std::string& target) {
        const Answer answer = get(target);
        EXPECT_EQ(answer.status, 200) << target << answer.body;
        auto dto = json::read<T>(answer.body);
        EXPECT_TRUE(dto) << target << ": " << (dto ? "" : dto.error()[0].path + " " + dto.error()[0].message);
        return dto.value_or(T{});
    }

    void switch_mail_on() {
        mail::Settings settings;
        settings.enabled = true;
        settings.host = "mail.example.org";
        settings.from_address = "tidemark@example.org";
        ASSERT_TRUE(mail_->set_settings(system(), settings));
    }
    /// Waits for the mail that is number `count`.
    net::Envelope sent_mail(std::size_t count) {
        std::unique_lock lock(mails_mutex_);
        EXPECT_TRUE(mailed_.wait_for(lock, std::chrono::seconds(10), [&] { return mails_.size() >= count; }));
        return mails_.size() >= count ? mails_[count - 1] : net::Envelope{};
    }

    FakeLedger ledger_;
    std::vector<std::string> erased_;  // under ledger_.mutex
    std::unique_ptr<provider::Provider> oidc_ = provider::Provider::open(*accounts_, provider_document).value();
    std::mutex mails_mutex_;
    std::condition_variable mailed_;
    std::vector<net::Envelope> mails_;
    base::Result<void> mail_outcome_ = {};  // of handing one to the mail server
    std::unique_ptr<mail::Mailer> mail_ =
        mail::Mailer::open(*accounts_, {.deliver = [this](const net::SmtpServer&, const net::Envelope& envelope) {
            const std::lock_guard lock(mails_mutex_);
            mails_.push_back(envelope);
            return mail_outcome_;
        }}).value();
    live::Feed feed_;
    Settings settings_;
    Sources sources_;
    Readiness readiness_;
    std::optional<std::string> backup_problem_;
    std::vector<std::string> restored_;  ///< Who, and which backup
    ApiContext context_;
    std::unique_ptr<net::Server> server_;
    live::Feed::Subscription subscription_;
};

}  // namespace tidemark::api
