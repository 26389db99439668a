#include "desk/backup/backup.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/backup/impl/archive.hpp"
#include "desk/backup/restore.hpp"
#include "desk/store/accounts_store.hpp"
#include "foundation/base/hash.hpp"
#include "foundation/base/time.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/store/copy.hpp"
#include "ledger/store/writer.hpp"

namespace tidemark::backup {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr base::UnixMillis kNow = 1'795'000'000'000;
constexpr const char* kName = "tidemark-20261118T110640Z.tmbk";

class Backups : public testing::Test {
protected:
    Backups() {
        std::string name = testing::TempDir() + "tidemark-backup-XXXXXX";
        root_ = ::mkdtemp(name.data());
        data_ = root_ + "/data";
        target_ = root_ + "/backups";
    }
    ~Backups() override { fs::remove_all(root_); }

    /// Stores `count` requests of 7 nano-USD each.
    void store_requests(int count, const std::string& data) {
        auto writer = store::Writer::open(data);
        ASSERT_TRUE(writer) << writer.error().message;
        ASSERT_TRUE(store_some(**writer, count));
    }
    base::Result<void> store_some(store::Writer& writer, int count) {
        store::Batch batch;
        store::DimEntry dim;
        dim.session = "s";
        dim.project_path = "/p";
        dim.model = dim.model_given = "m";
        batch.dims.push_back(dim);
        for (int i = 0; i < count; ++i) {
            store::RequestEntry request;
            request.message_id = batch.text.add("msg_" + std::to_string(++stored_));
            request.key = base::hash64(request.message_id);
            request.time = kNow + stored_;
            request.tokens.output = 5;
            request.cost = base::NanoUsd{7};
            request.file_id = 1;
            batch.requests.push_back(std::move(request));
        }
        TIDEMARK_TRY([[maybe_unused]] const store::Commit commit, writer.store(batch));
        return {};
    }
    static void store_account_setting(const std::string& data, const std::string& value) {
        auto accounts = store::AccountsStore::open(data);
        ASSERT_TRUE(accounts) << accounts.error().message;
        ASSERT_TRUE((*accounts)->put_setting("name", value, false));
    }
    static std::string account_setting(const std::string& data) {
        return store::AccountsStore::open(data).value()->setting("name").value().value_or("");
    }
    static store::LedgerTotals totals(const std::string& data) {
        auto database = store::open_reader(data);
        return store::ledger_totals(*database).value();
    }
    static store::LedgerTotals requests(std::int64_t count) { return {count, base::NanoUsd{count * 7}}; }

    Listed made(base::UnixMillis now = kNow) {
        auto result = make(data_, ring_, target_, now, {"1.2.3", false, {}});
        EXPECT_TRUE(result) << result.error().message;
        return result.value_or(Listed());
    }
    static std::string bytes_of(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string file_of(const std::string& bytes) {
        const std::string path = root_ + "/other.tmbk";
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    static std::vector<std::string> names_in(const std::string& folder) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder)) {
            names.push_back(entry.path().filename().native());
        }
        std::ranges::sort(names);
        return names;
    }
    /// A backup with this content, sealed like any other.
    std::string forged(const Manifest& manifest, const std::string& content) {
        const std::string path = root_ + "/forged.tmbk";
        fs::remove(path);
        auto file = impl::NewFile::create(path).value();
        auto archive = impl::ArchiveWriter::start(file, ring_, manifest).value();
        EXPECT_TRUE(archive.write(content) && archive.finish());
        return path;
    }

    crypto::KeyRing ring_ = crypto::KeyRing::temporary();
    std::string root_, data_, target_;
    int stored_ = 0;
};

TEST_F(Backups, HoldWhatWasStoredAndGiveItBack) {
    store_requests(300, data_);
    store_account_setting(data_, "first");
    const Listed backup = made();
    EXPECT_EQ(backup.name, kName);
    ASSERT_TRUE(backup.manifest);
    EXPECT_EQ(backup.manifest->requests, 300);
    EXPECT_EQ(backup.manifest->cost_nano_usd, 2100);
    EXPECT_EQ(backup.manifest->program, "1.2.3");
    EXPECT_THAT(backup.manifest->databases, SizeIs(2));
    struct stat status{};
    ASSERT_EQ(::stat(backup.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(status.st_size, backup.bytes);
    EXPECT_LT(backup.bytes, backup.manifest->databases[0].bytes / 2) << "compressed";
    EXPECT_THAT(bytes_of(backup.path), testing::Not(HasSubstr("SQLite format"))) << "encrypted";
    EXPECT_THAT(names_in(target_), ElementsAre(kName));

    store_requests(11, data_);
    store_account_setting(data_, "second");
    const auto checked = verify(backup.path, ring_, data_);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->requests, 300);
    EXPECT_EQ(totals(data_), requests(311)) << "verifying changes nothing";

    const auto restored = restore(backup.path, ring_, data_, kNow + base::kDay);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(totals(data_), requests(300));
    EXPECT_EQ(account_setting(data_), "first");
    EXPECT_THAT(restored->kept, ElementsAre(data_ + "/tidemark.db.before-restore-20261119T110640Z",
                                            data_ + "/accounts.db.before-restore-20261119T110640Z"));
    // What was there before can be put back by hand.
    fs::create_directory(root_ + "/old");
    fs::rename(restored->kept[0], root_ + "/old/tidemark.db");
    EXPECT_EQ(totals(root_ + "/old"), requests(311));
    EXPECT_FALSE(fs::exists(data_ + "/backup.work"));
    EXPECT_FALSE(fs::exists(data_ + "/restore.journal"));
    store_requests(1, data_);
    EXPECT_EQ(totals(data_), requests(301)) << "and life goes on";
}

TEST_F(Backups, AreMadeWhileAllIsWrittenTo) {
    store_requests(2000, data_);
    store_account_setting(data_, "open");
    auto accounts = store::AccountsStore::open(data_).value();
    auto writer = store::Writer::open(data_).value();
    std::atomic<bool> stop = false;
    std::atomic<int> batches = 0;
    std::thread load([&] {
        while (!stop) {
            EXPECT_TRUE(store_some(*writer, 50));
            ++batches;
        }
    });
    std::vector<Listed> backups;
    for (int i = 0; i < 5; ++i) {
        const int before = batches;
        while (batches == before) {
            std::this_thread::yield();
        }
        backups.push_back(made(kNow + i * base::kSecond));
    }
    stop = true;
    load.join();
    writer.reset();
    accounts.reset();
    std::int64_t last = 2000;
    for (const Listed& backup : backups) {
        ASSERT_TRUE(backup.manifest);
        const std::int64_t count = backup.manifest->requests;
        EXPECT_GE(count, last) << "none holds less than the one before";
        EXPECT_EQ(count % 50, 0) << "and no half batch";
        last = count;
        const std::string other = root_ + "/restored";
        fs::remove_all(other);
        const auto restored = restore(backup.path, ring_, other, kNow);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(totals(other), requests(count));
        EXPECT_EQ(account_setting(other), "open");
        EXPECT_THAT(restored->kept, IsEmpty());
    }
    EXPECT_LE(last, totals(data_).requests);
}

TEST_F(Backups, WithoutAccountsLeaveThemAlone) {
    store_requests(5, data_);
    const Listed backup = made();
    store_account_setting(data_, "later");
    store_requests(5, data_);
    const auto restored = restore(backup.path, ring_, data_, kNow);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_THAT(restored->kept, SizeIs(1));
    EXPECT_EQ(totals(data_), requests(5));
    EXPECT_EQ(account_setting(data_), "later");
}

TEST_F(Backups, ThatAreDamagedAreRefusedAndChangeNothing) {
    store_requests(300, data_);
    const std::string good = bytes_of(made().path);
    store_requests(1, data_);
    const auto refused = [&](const std::string& bytes, ErrorCode code, const std::string& what) {
        const std::string file = file_of(bytes);
        for (const auto& error : {verify(file, ring_, data_).map([](const Manifest&) {}),
                                  restore(file, ring_, data_, kNow).map([](const Restored&) {})}) {
            ASSERT_FALSE(error) << what;
            EXPECT_EQ(error.error().code, code) << what << error.error().message;
            EXPECT_TRUE(error.error().message.starts_with(file)) << error.error().message;
            EXPECT_EQ(std::ranges::count(error.error().message, '\n'), 0);
        }
        EXPECT_EQ(totals(data_), requests(301)) << what;
    };
    for (const std::size_t size : {std::size_t{0}, std::size_t{4}, std::size_t{30}}) {
        refused(good.substr(0, size), ErrorCode::kInvalidArgument, "no backup");
    }
    for (const std::size_t size : {std::size_t{37}, std::size_t{100}, good.size() / 2, good.size() - 1}) {
        refused(good.substr(0, size), ErrorCode::kDataLoss, "cut");
    }
    for (const std::size_t place : {std::size_t{20}, std::size_t{60}, good.size() / 2, good.size() - 1}) {
        std::string other = good;
        other[place] = static_cast<char>(other[place] ^ 1);
        refused(other, ErrorCode::kDataLoss, "changed");
    }
    refused(good + "x", ErrorCode::kDataLoss, "continued");
    refused("SQLite format 3, and so on for more than thirty-seven bytes", ErrorCode::kInvalidArgument, "a database");
    EXPECT_EQ(verify(root_ + "/none", ring_, data_).error().code, ErrorCode::kNotFound);
    const auto other_key = restore(file_of(good), crypto::KeyRing::temporary(), data_, kNow);
    EXPECT_EQ(other_key.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(other_key.error().message, HasSubstr("master key " + ring_.current_id()));
    EXPECT_TRUE(verify(file_of(good), ring_, data_)) << "the file itself is good";
}

TEST_F(Backups, ThatLieAreRefused) {
    store_requests(3, data_);
    const Listed backup = made();
    auto archive = impl::ArchiveReader::open(backup.path, ring_).value();
    std::string content;
    std::string chunk(100'000, '\0');
    while (const std::size_t got = archive.read(chunk).value()) {
        content.append(chunk, 0, got);
    }
    const Manifest good = archive.manifest();
    ASSERT_TRUE(verify(forged(good, content), ring_, data_));
    const auto code = [&](Manifest manifest, const std::string& bytes) {
        const auto result = verify(forged(manifest, bytes), ring_, data_);
        return result ? std::nullopt : std::optional(result.error().code);
    };
    EXPECT_EQ(code(good, content + "x"), ErrorCode::kDataLoss);
    EXPECT_EQ(code(good, content.substr(1)), ErrorCode::kDataLoss);
    EXPECT_EQ(code(good, std::string(content.size(), 'x')), ErrorCode::kDataLoss);
    Manifest other = good;
    other.requests = 4;
    EXPECT_EQ(code(other, content), ErrorCode::kDataLoss) << "totals";
    other = good;
    other.cost_nano_usd += 1;
    EXPECT_EQ(code(other, content), ErrorCode::kDataLoss);
    other = good;
    other.databases[0].schema_version = 0;
    EXPECT_EQ(code(other, content), ErrorCode::kDataLoss);
    other.databases[0].schema_version = store::kSchemaVersion + 1;
    EXPECT_EQ(code(other, content), ErrorCode::kFailedPrecondition) << "of a newer program";
    other = good;
    other.format = kFormat + 1;
    EXPECT_EQ(code(other, content), ErrorCode::kFailedPrecondition);
    for (const char* name : {"", "..", "../tidemark.db", "/etc/passwd", "master.key", "accounts.db"}) {
        other = good;
        other.databases[0].name = name;
        other.databases[0].schema_version = 1;
        EXPECT_EQ(code(other, content), ErrorCode::kDataLoss) << name;
    }
    other = good;
    other.databases.push_back(other.databases[0]);
    EXPECT_EQ(code(other, content + content), ErrorCode::kDataLoss) << "twice";
    other.databases.clear();
    EXPECT_EQ(code(other, ""), ErrorCode::kDataLoss);
    // A database that is broken inside, with all hashes right.
    std::string broken = content;
    std::fill(broken.begin() + 4096, broken.begin() + 3 * 4096, '\x55');
    other = good;
    other.databases[0].sha256 = crypto::to_hex(crypto::sha256(broken));
    EXPECT_EQ(code(other, broken), ErrorCode::kDataLoss);
}

TEST_F(Backups, NothingIsRestoredUnderAServer) {
    store_requests(3, data_);
    store_account_setting(data_, "x");
    const Listed backup = made();
    {
        const auto writer = store::Writer::open(data_).value();
        EXPECT_EQ(restore(backup.path, ring_, data_, kNow).error().code, ErrorCode::kUnavailable);
    }
    {
        const auto accounts = store::AccountsStore::open(data_).value();
        EXPECT_EQ(restore(backup.path, ring_, data_, kNow).error().code, ErrorCode::kUnavailable);
    }
    EXPECT_TRUE(restore(backup.path, ring_, data_, kNow));
}

TEST_F(Backups, OneAtATime) {
    store_requests(3, data_);
    bool tried = false;
    const auto result =
        make(data_, ring_, target_, kNow, {"", false, [&](std::int64_t, std::int64_t) {
                                               tried = true;
                                               EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code,
                                                         ErrorCode::kUnavailable);
                                               return true;
                                           }});
    EXPECT_TRUE(result && tried);
}

TEST_F(Backups, StoppedOnesLeaveNothing) {
    store_requests(3, data_);
    for (int steps = 0;; ++steps) {
        int left = steps;
        const auto result =
            make(data_, ring_, target_, kNow, {"", true, [&](std::int64_t, std::int64_t) { return left-- > 0; }});
        EXPECT_THAT(names_in(data_), testing::Not(testing::Contains("backup.work")));
        if (result) {
            EXPECT_GE(steps, 2);
            EXPECT_TRUE(result->manifest->scheduled);
            break;
        }
        EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
        EXPECT_THAT(names_in(target_), IsEmpty()) << steps;
    }
    EXPECT_THAT(names_in(target_), ElementsAre(kName));
    EXPECT_EQ(verify(root_ + "/backups/" + kName, ring_, data_, [](std::int64_t, std::int64_t) { return false; })
                  .error()
                  .code,
              ErrorCode::kUnavailable);
}

TEST_F(Backups, RemainsOfACrashAreRemoved) {
    store_requests(3, data_);
    fs::create_directories(data_ + "/backup.work/deeper");
    fs::create_directories(target_);
    const std::string part = target_ + "/.tidemark-20260101T000000Z.tmbk.part";
    std::ofstream(part) << "half";
    std::ofstream(target_ + "/.other.part") << "not ours";
    {
        const auto busy = impl::NewFile::create(target_ + "/.tidemark-20260101T000001Z.tmbk.part");
        made();
        EXPECT_FALSE(fs::exists(part));
        EXPECT_THAT(names_in(target_), ElementsAre(".other.part", ".tidemark-20260101T000001Z.tmbk.part", kName))
            << "another process is at that one";
    }
    EXPECT_FALSE(fs::exists(data_ + "/backup.work"));
}

TEST_F(Backups, AreListedTheNewestFirst) {
    EXPECT_THAT(list(target_, ring_).value(), IsEmpty()) << "no such folder";
    store_requests(3, data_);
    const Listed first = made();
    EXPECT_EQ(made().name, "tidemark-20261118T110641Z.tmbk") << "the name was taken";
    fs::resize_file(made(kNow + base::kHour).path, 50);
    const crypto::KeyRing mine = ring_;
    ring_ = crypto::KeyRing::temporary();
    const std::string foreign = made(kNow + base::kDay).name;
    const std::string foreign_key = std::exchange(ring_, mine).current_id();
    std::ofstream(target_ + "/notes.txt") << "x";
    std::ofstream(target_ + "/tidemark-20261318T110640Z.tmbk") << "no such month";
    std::ofstream(target_ + "/tidemark-20261118T110640.tmbk") << "x";
    const auto listed = list(target_, ring_).value();
    ASSERT_THAT(listed, SizeIs(4));
    EXPECT_EQ(listed[0].name, foreign);
    EXPECT_EQ(listed[0].key_id, foreign_key);
    EXPECT_THAT(listed[0].problem, HasSubstr("master key " + foreign_key));
    EXPECT_FALSE(listed[0].manifest || listed[1].manifest);
    EXPECT_THAT(listed[1].problem, HasSubstr("not whole"));
    ASSERT_TRUE(listed[2].manifest && listed[3].manifest);
    EXPECT_EQ(listed[3].path, first.path);
    EXPECT_EQ(listed[3].made_at, kNow);
    EXPECT_EQ(listed[3].bytes, first.bytes);
    EXPECT_EQ(listed[3].key_id, ring_.current_id());
    EXPECT_EQ(listed[3].manifest->requests, 3);
    EXPECT_EQ(listed[3].manifest->made_at.value, kNow);
}

TEST_F(Backups, NothingYetIsSaid) {
    EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kNotFound);
    fs::create_directories(data_);
    std::ofstream(data_ + "/tidemark.db") << "";
    EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kNotFound);
    std::ofstream(data_ + "/tidemark.db") << "this is no database at all, whatever its name may say";
    const auto broken = make(data_, ring_, target_, kNow, {});
    EXPECT_EQ(broken.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(broken.error().message, HasSubstr("tidemark.db cannot be read"));
    EXPECT_THAT(names_in(target_), IsEmpty());
}

TEST_F(Backups, ALedgerThatIsBeingFilledForTheFirstTimeIsNotThereYet) {
    auto writer = store::Writer::open(data_, store::Readers::kNone).value();
    ASSERT_TRUE(store_some(*writer, 10));
    EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(writer->settle());
    writer.reset();
    {
        // It has no write-ahead log until it is opened again: a reader would make that writer fail.
        const auto another = sys::FileLock::acquire(data_ + "/tidemark.lock");
        ASSERT_TRUE(another);
        EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kUnavailable);
    }
    EXPECT_EQ(made().manifest->requests, 10);
}

/// The state that a crash leaves after each rename of a restore, and after which finish_restore() must give the new
/// one.
TEST_F(Backups, AnInterruptedRestoreIsCompletedFromEveryState) {
    const std::string stamp = "20261118T110640Z";
    for (int steps = 0; steps <= 8; ++steps) {
        fs::remove_all(data_);
        fs::remove_all(root_ + "/new");
        store_requests(4, root_ + "/new");
        store_account_setting(root_ + "/new", "new");
        stored_ = 0;
        store_requests(9, data_);
        store_account_setting(data_, "old");
        // Logs that must not meet the new databases.
        std::ofstream(data_ + "/tidemark.db-wal") << "old log";
        std::ofstream(data_ + "/accounts.db-wal") << "old log";
        fs::create_directory(data_ + "/backup.work");
        for (const char* name : {"tidemark.db", "accounts.db"}) {
            fs::copy_file(root_ + "/new/" + name, data_ + "/backup.work/" + name);
        }
        std::ofstream(data_ + "/restore.journal") << stamp;
        int left = steps;
        for (const std::string name : {"tidemark.db", "accounts.db"}) {
            for (const char* part : {"", "-wal"}) {
                if (left-- > 0) {
                    fs::rename(data_ + "/" + name + part, data_ + "/" + name + ".before-restore-" + stamp + part);
                }
            }
            if (left-- > 0) {
                fs::rename(data_ + "/backup.work/" + name, data_ + "/" + name);
            }
        }
        if (left-- > 0) {
            fs::remove(data_ + "/restore.journal");
        }
        const auto done = finish_restore(data_);
        ASSERT_TRUE(done) << steps << done.error().message;
        EXPECT_EQ(*done, steps < 7) << steps;
        EXPECT_FALSE(finish_restore(data_).value()) << "once";
        EXPECT_FALSE(fs::exists(data_ + "/restore.journal"));
        EXPECT_FALSE(fs::exists(data_ + "/tidemark.db-wal"));
        EXPECT_EQ(totals(data_), requests(4)) << steps;
        EXPECT_EQ(account_setting(data_), "new") << steps;
        fs::create_directories(root_ + "/old");
        fs::rename(data_ + "/tidemark.db.before-restore-" + stamp, root_ + "/old/tidemark.db");
        EXPECT_EQ(totals(root_ + "/old"), requests(9)) << steps;
    }
}

TEST_F(Backups, WhatRestoresKeptIsCountedAndRemovedAlone) {
    store_requests(5, data_);
    EXPECT_EQ(kept_bytes(data_), 0);
    EXPECT_EQ(remove_kept(data_).value(), 0);
    const std::vector<std::string> kept = {"tidemark.db.before-restore-20261118T110640Z",
                                           "tidemark.db.before-restore-20261118T110640Z-wal",
                                           "accounts.db.before-restore-20261119T110640Z"};
    for (const std::string& name : kept) {
        std::ofstream(data_ + "/" + name) << "0123456789";
    }
    std::ofstream(data_ + "/notes.before-restore-1") << "somebody's own";
    std::ofstream(data_ + "/restore.journal") << "20261118T110640Z";
    EXPECT_EQ(remove_kept(data_).error().code, ErrorCode::kFailedPrecondition) << "they may be all that there is";
    fs::remove(data_ + "/restore.journal");
    EXPECT_EQ(kept_bytes(data_), 30);
    EXPECT_EQ(remove_kept(data_).value(), 30);
    for (const std::string& name : kept) {
        EXPECT_FALSE(fs::exists(data_ + "/" + name)) << name;
    }
    EXPECT_TRUE(fs::exists(data_ + "/notes.before-restore-1"));
    EXPECT_EQ(totals(data_), requests(5));
}

TEST_F(Backups, ARestoreThatCannotGoOnLosesNothing) {
    store_requests(4, root_ + "/new");
    stored_ = 0;
    store_requests(9, data_);
    fs::create_directory(data_ + "/backup.work");
    fs::copy_file(root_ + "/new/tidemark.db", data_ + "/backup.work/tidemark.db");
    std::ofstream(data_ + "/restore.journal") << "rubbish";
    EXPECT_EQ(finish_restore(data_).error().code, ErrorCode::kDataLoss);
    std::ofstream(data_ + "/restore.journal") << "20261118T110640Z";
    std::ofstream(data_ + "/tidemark.db.before-restore-20261118T110640Z") << "kept before";
    EXPECT_EQ(finish_restore(data_).error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(totals(data_), requests(9));
    EXPECT_EQ(bytes_of(data_ + "/tidemark.db.before-restore-20261118T110640Z"), "kept before");
    fs::remove(data_ + "/tidemark.db.before-restore-20261118T110640Z");
    {
        const auto writer = store::Writer::open(data_).value();
        EXPECT_EQ(finish_restore(data_).error().code, ErrorCode::kUnavailable);
    }
    EXPECT_TRUE(finish_restore(data_).value());
    EXPECT_EQ(totals(data_), requests(4));
}

TEST_F(Backups, ARestoreIsPreparedBesideTheServerAndHappensWhenItHasEnded) {
    store_requests(4, data_);
    store_account_setting(data_, "backed up");
    const Listed backup = made();
    store_requests(5, data_);
    store_account_setting(data_, "later");
    std::string seen;
    const auto amend = [&](const std::string& folder) -> base::Result<void> {
        seen = account_setting(folder);
        store_account_setting(folder, "amended");
        return {};
    };
    {
        const auto writer = store::Writer::open(data_).value();
        const auto accounts = store::AccountsStore::open(data_).value();
        const auto refused = prepare_restore(backup.path, ring_, data_, kNow, {}, [](const std::string&) {
            return base::Result<void>(base::fail(ErrorCode::kInternal, "no"));
        });
        EXPECT_EQ(refused.error().message, "no");
        EXPECT_FALSE(fs::exists(data_ + "/restore.journal") || fs::exists(data_ + "/backup.work"));
        const auto open_still = prepare_restore(backup.path, ring_, data_, kNow, {}, [](const std::string& folder) {
            std::ofstream(folder + "/accounts.db-wal") << "log";
            return base::Result<void>();
        });
        EXPECT_EQ(open_still.error().code, ErrorCode::kInternal);
        EXPECT_FALSE(fs::exists(data_ + "/restore.journal"));

        const auto prepared = prepare_restore(backup.path, ring_, data_, kNow, {}, amend);
        ASSERT_TRUE(prepared) << prepared.error().message;
        EXPECT_EQ(prepared->requests, 4);
        EXPECT_EQ(seen, "backed up");
        EXPECT_EQ(totals(data_), requests(9)) << "not yet";
        ASSERT_TRUE(accounts->put_setting("name", "last word", false));
        EXPECT_EQ(make(data_, ring_, target_, kNow, {}).error().code, ErrorCode::kUnavailable) << "nothing disturbs it";
        EXPECT_EQ(finish_restore(data_).error().code, ErrorCode::kUnavailable) << "the server has not ended";
    }
    EXPECT_TRUE(finish_restore(data_).value());
    EXPECT_EQ(totals(data_), requests(4));
    EXPECT_EQ(account_setting(data_), "amended");
    fs::create_directory(root_ + "/old");
    fs::rename(data_ + "/accounts.db.before-restore-20261118T110640Z", root_ + "/old/accounts.db");
    EXPECT_EQ(account_setting(root_ + "/old"), "last word");
    EXPECT_THAT(names_in(data_), testing::Not(testing::Contains("backup.work")));
}

TEST_F(Backups, TwoRestoresInASecondKeepBoth) {
    store_requests(3, data_);
    const Listed backup = made();
    const auto first = restore(backup.path, ring_, data_, kNow);
    const auto second = restore(backup.path, ring_, data_, kNow);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->kept, second->kept);
    EXPECT_TRUE(fs::exists(first->kept.at(0)) && fs::exists(second->kept.at(0)));
}

TEST(FileName, GivesAndTakesTheSameTimes) {
    EXPECT_EQ(file_name(kNow), kName);
    EXPECT_EQ(made_at_of(kName), kNow);
    for (const char* name :
         {"", "tidemark-.tmbk", "tidemark-20261118T110640Z.tmb", "Tidemark-20261118T110640Z.tmbk",
          "tidemark-20261118T110660Z.tmbk", "tidemark-20261118 110640Z.tmbk", "tidemark-2026-11-18T1106Z.tmbk",
          "tidemark-+0261118T110640Z.tmbk", "../tidemark-20261118T110640Z.tmbk"}) {
        EXPECT_EQ(made_at_of(name), std::nullopt) << name;
    }
}

}  // namespace
}  // namespace tidemark::backup
