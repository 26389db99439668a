#include "ledger/query/readers.hpp"

#include <chrono>

#include "foundation/base/clock.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::query {

base::Result<store::Statement*> Reader::statement(std::string_view sql) {
    auto found = statements.find(sql);
    if (found == statements.end()) {
        TIDEMARK_TRY(store::Statement prepared, database.prepare(sql));
        found = statements.emplace(std::string(sql), std::move(prepared)).first;
    }
    found->second.reset();
    return &found->second;
}

base::Result<bool> Reader::has_index_of_requests(std::string_view column) {
    if (const auto known = indexes.find(column); known != indexes.end()) {
        return known->second;
    }
    TIDEMARK_TRY(const std::int64_t count,
                 database.query_int("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'requests' "
                                    "AND (sql LIKE '%(" +
                                    std::string(column) + ",%' OR sql LIKE '%(" + std::string(column) + ")%')"));
    return indexes[std::string(column)] = count > 0;
}

ReaderPool::Lease::~Lease() {
    if (reader_) {
        pool_->give_back(std::move(reader_));
    }
}

base::Result<ReaderPool::Lease> ReaderPool::lease(std::int64_t deadline_ms) {
    const std::int64_t deadline = base::monotonic_nanos() + deadline_ms * 1'000'000;
    std::unique_lock lock(mutex_);
    const bool ready =
        freed_.wait_for(lock, std::chrono::milliseconds(deadline_ms), [this] { return !idle_.empty() || left_ > 0; });
    if (!ready) {
        return base::fail(base::ErrorCode::kDeadlineExceeded, "all database connections were busy for " +
                                                                  std::to_string(deadline_ms) +
                                                                  " ms: ask for a shorter range, or again");
    }
    std::unique_ptr<Reader> reader;
    if (!idle_.empty()) {
        reader = std::move(idle_.back());
        idle_.pop_back();
    } else {
        --left_;
        lock.unlock();
        auto database = store::open_reader_of(database_);
        if (!database) {
            lock.lock();
            ++left_;
            return tl::unexpected<base::Error>(std::move(database).error());
        }
        reader = std::make_unique<Reader>(std::move(*database));
    }
    reader->database.set_deadline(deadline);
    return Lease(*this, std::move(reader));
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
    for (auto& [sql, statement] : reader->statements) {
        statement.reset();
    }
    reader->database.set_deadline(0);
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(reader));
    }
    freed_.notify_one();
}

}  // namespace tidemark::query
