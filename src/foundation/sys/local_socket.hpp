// One question and one answer between processes of this machine, over a Unix socket (unix(7)). The caller closes its
// half after the question, so neither side needs a length before the text.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::sys {

/// No question and no answer is longer.
constexpr std::size_t kLocalMessageBytes = 4 << 20;

/// Answers on a thread of its own, one caller after the other. Only this process's own user and root are answered.
class LocalServer {
public:
    using Answer = std::function<std::string(std::string_view question)>;
    /// Makes the socket (0600), in place of one that a process which ended left behind: who calls this holds a lock on
    /// the folder. A caller who does not ask, or does not listen, within `patience` is left.
    static base::Result<std::unique_ptr<LocalServer>> start(
        const std::string& path, Answer answer, std::chrono::milliseconds patience = std::chrono::seconds(5));
    /// Finishes the answer that is being made; the socket is gone afterwards.
    ~LocalServer();
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;

private:
    LocalServer(std::string path, FileDescriptor listener, FileDescriptor wake, Answer answer,
                std::chrono::milliseconds patience);
    void serve(const std::stop_token& stop) const;
    void serve_one(const FileDescriptor& caller) const;

    std::string path_;
    FileDescriptor listener_, wake_;
    Answer answer_;
    std::chrono::milliseconds patience_;
    std::jthread thread_;  // last: ends before what it uses
};

/// Asks the process that listens there. kNotFound when none does, kPermissionDenied when it is not for this user,
/// kUnavailable when it ends before its answer does, kDeadlineExceeded when that takes longer.
base::Result<std::string> ask_local(const std::string& path, std::string_view question,
                                    std::chrono::milliseconds timeout);

}  // namespace tidemark::sys
