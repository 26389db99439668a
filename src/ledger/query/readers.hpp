// Read-only connections for lists, a fixed number, shared by all questions.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::query {

/// One connection with its prepared statements.
struct Reader {
    explicit Reader(store::Database opened) : database(std::move(opened)) {}
    store::Database database;
    std::map<std::string, store::Statement, std::less<>> statements;
    std::map<std::string, bool, std::less<>> indexes;  ///< By first column: those of requests, once looked for

    /// The statement of this text, reset and ready to bind; prepared once.
    base::Result<store::Statement*> statement(std::string_view sql);
    /// Whether requests has an index that begins with this column: a server makes them before it starts, a report
    /// never.
    base::Result<bool> has_index_of_requests(std::string_view column);
};

class ReaderPool {
public:
    ReaderPool(std::string database, std::size_t count) : database_(std::move(database)), left_(count) {}

    /// A connection for one question; goes back to the pool when it dies, with all statements reset, so that no read
    /// transaction outlives the question and the writer can checkpoint.
    class Lease {
    public:
        Lease(ReaderPool& pool, std::unique_ptr<Reader> reader) : pool_(&pool), reader_(std::move(reader)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        Reader* operator->() { return reader_.get(); }
        Reader& operator*() { return *reader_; }

    private:
        ReaderPool* pool_;
        std::unique_ptr<Reader> reader_;
    };

    /// Waits for a free connection, at most `deadline_ms`; the same limit then holds for the statements run on it.
    base::Result<Lease> lease(std::int64_t deadline_ms);

private:
    void give_back(std::unique_ptr<Reader> reader);

    std::string database_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Reader>> idle_;
    std::size_t left_;  ///< Connections that may still be opened
};

}  // namespace tidemark::query
