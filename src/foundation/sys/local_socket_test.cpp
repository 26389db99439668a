#include "foundation/sys/local_socket.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark::sys {
namespace {

using namespace std::chrono_literals;

class LocalSocket : public testing::Test {
protected:
    LocalSocket() {
        std::string name = testing::TempDir() + "/tidemark-socket-XXXXXX";
        folder_ = mkdtemp(name.data());
        path_ = folder_ + "/control.sock";
    }
    ~LocalSocket() override { std::filesystem::remove_all(folder_); }

    void start(LocalServer::Answer answer, std::chrono::milliseconds patience = 5s) {
        auto started = LocalServer::start(path_, std::move(answer), patience);
        ASSERT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    void echo() {
        start([](std::string_view question) { return "<" + std::string(question) + ">"; });
    }
    [[nodiscard]] int connected() const {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        return fd;
    }

    std::string folder_, path_;
    std::unique_ptr<LocalServer> server_;
};

TEST_F(LocalSocket, AnswersOneQuestionAfterTheOther) {
    echo();
    const std::string large(1 << 20, 'x');
    EXPECT_EQ(ask_local(path_, "one", 5s).value_or(""), "<one>");
    EXPECT_EQ(ask_local(path_, large, 5s).value_or(""), "<" + large + ">");
    EXPECT_EQ(ask_local(path_, "", 5s).value_or(""), "<>");
}

TEST_F(LocalSocket, IsForItsOwnerAlone) {
    const mode_t before = ::umask(0);
    echo();
    ::umask(before);
    struct stat status{};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(LocalSocket, AnotherUserIsNotAnswered) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can be somebody else";
    }
    bool asked = false;
    start([&asked](std::string_view) {
        asked = true;
        return std::string("secret");
    });
    // As if the folder and the socket were open to everybody.
    std::filesystem::permissions(folder_, std::filesystem::perms::all);
    std::filesystem::permissions(path_, std::filesystem::perms::all);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const auto answer = ask_local(path_, "who am I", 5s);
        ::_exit(changed && !answer ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    server_.reset();
    EXPECT_FALSE(asked);
}

TEST_F(LocalSocket, NobodyListens) {
    const auto none = ask_local(path_, "?", 5s);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, base::ErrorCode::kNotFound);
    // What a killed process leaves behind.
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(left);
    const auto dead = ask_local(path_, "?", 5s);
    ASSERT_FALSE(dead);
    EXPECT_EQ(dead.error().code, base::ErrorCode::kNotFound);
    echo();
    EXPECT_EQ(ask_local(path_, "now", 5s).value_or(""), "<now>");
    server_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LocalSocket, AFileInItsPlaceStays) {
    ASSERT_TRUE(replace_file(path_, "somebody's"));
    EXPECT_FALSE(LocalServer::start(path_, {}));
    EXPECT_EQ(read_small_file(path_).value_or(""), "somebody's");
}

TEST_F(LocalSocket, LongPathsWork) {
    path_ = folder_ + "/" + std::string(150, 'd');
    ASSERT_TRUE(make_directories(path_));
    path_ += "/control.sock";
    echo();
    EXPECT_EQ(ask_local(path_, "far", 5s).value_or(""), "<far>");
}

TEST_F(LocalSocket, WhoSaysNothingIsLeft) {
    start([](std::string_view) { return std::string("answer"); }, 50ms);
    const int silent = connected();
    EXPECT_EQ(ask_local(path_, "?", 5s).value_or(""), "answer");
    char byte = 0;
    EXPECT_EQ(::read(silent, &byte, 1), 0) << "the other connection is closed";
    ::close(silent);
}

TEST_F(LocalSocket, TooLongAQuestionIsNotAnswered) {
    bool asked = false;
    start([&asked](std::string_view) {
        asked = true;
        return std::string("answer");
    });
    EXPECT_FALSE(ask_local(path_, std::string(kLocalMessageBytes + 1, 'x'), 5s));
    server_.reset();
    EXPECT_FALSE(asked);
}

TEST_F(LocalSocket, AnAnswerThatTakesTooLongIsNotWaitedFor) {
    std::promise<void> go;
    const auto gate = go.get_future().share();
    start([gate](std::string_view) {
        gate.wait();
        return std::string("late");
    });
    const auto late = ask_local(path_, "?", 30ms);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::ErrorCode::kDeadlineExceeded);
    go.set_value();
}

}  // namespace
}  // namespace tidemark::sys
