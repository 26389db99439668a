// Opens many event streams over TLS, appends rows to transcripts and times until the streams tell of them:
//   open_streams PORT CERTIFICATE PEOPLE PROJECTS STREAMS ROWS PAUSE_MS
//   PORT         on 127.0.0.1
//   CERTIFICATE  PEM file that the server's certificate must be signed by (itself, when self-signed)
//   PEOPLE       file of lines "member cookie": who asks; member must be letters followed by digits, the same for all
//                but for the digits. Stream i is of person i modulo their number.
//   PROJECTS     folder of transcripts that the server reads; one session is made for each member, named like the
//   member ROWS         rows in all, one each PAUSE_MS milliseconds, for one member after the other
// Prints one line of JSON, then keeps the streams open until standard input ends. A stream has told of row n of its
// member when the requests it told of reach n; whatever it says that names another member counts as foreign.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

namespace tidemark {
namespace {

constexpr int kOpeningAtOnce = 64;
constexpr std::size_t kSourceAddresses = 250;
constexpr double kPatienceMs = 30'000;  // without any stream that moves

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "open_streams: %s\n", what.c_str());
    std::exit(1);
}

double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Person {
    std::string member, cookie;
    int transcript = -1;
    std::vector<double> appended;  // when, by row
};

struct CloseSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

struct Stream {
    int socket = -1;
    std::unique_ptr<SSL, CloseSsl> ssl;
    std::size_t person = 0, told = 0;
    bool asked = false, open = false;
    std::string pending;  // bytes not yet understood: the head, then the lines of an event
};

std::vector<Person> read_people(const char* path) {
    std::vector<Person> people;
    std::ifstream in(path);
    Person person;
    while (in >> person.member >> person.cookie) {
        people.push_back(person);
    }
    if (people.empty()) {
        fail(std::string(path) + " names nobody");
    }
    return people;
}

class Streams {
public:
    Streams(std::uint16_t port, const char* certificate, std::vector<Person> people, std::size_t count)
        : port_(port), people_(std::move(people)), streams_(count), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        if (SSL_CTX_load_verify_locations(context_, certificate, nullptr) != 1) {
            fail(std::string("cannot read ") + certificate);
        }
        const std::string& member = people_.front().member;
        prefix_ = member.substr(0, member.find_first_of("0123456789"));
        if (prefix_.empty() || prefix_.size() == member.size()) {
            fail("a member must be letters followed by digits");
        }
        for (std::size_t i = 0; i < count; ++i) {
            streams_[i].person = i % people_.size();
        }
    }

    void open_all() {
        std::size_t next = 0;
        while (open_ < streams_.size()) {
            while (next < streams_.size() && next - open_ < kOpeningAtOnce) {
                begin(next++);
            }
            if (!poll(1000)) {
                check_patience();
            }
        }
    }

    /// Makes each member's transcript, with nothing in it yet.
    void make_transcripts(const std::string& projects) {
        for (Person& person : people_) {
            const std::string folder = projects + "/-home-" + person.member + "-live";
            ::mkdir(folder.c_str(), 0700);
            const std::string file = folder + "/" + person.member + ".jsonl";
            person.transcript = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            if (person.transcript < 0) {
                fail(file + ": " + std::strerror(errno));
            }
        }
    }

    void append_rows(std::size_t rows, double pause_ms) {
        const double started = now_ms();
        for (std::size_t row = 0; row < rows; ++row) {
            Person& person = people_[row % people_.size()];
            append(person, row);
            const double due = started + static_cast<double>(row + 1) * pause_ms;
            for (double left = due - now_ms(); left > 0; left = due - now_ms()) {
                poll(std::max(1, static_cast<int>(left)));
            }
        }
        std::size_t expected = 0;
        for (const Stream& stream : streams_) {
            expected += people_[stream.person].appended.size();
        }
        last_progress_ = now_ms();
        while (delays_.size() < expected && now_ms() - last_progress_ < 10'000) {
            poll(100);
        }
        expected_ = expected;
    }

    void print(double open_ms) {
        std::sort(delays_.begin(), delays_.end());
        const auto share = [this](double part) {
            return delays_.empty()
                       ? -1.0
                       : delays_[std::min(delays_.size() - 1,
                                          static_cast<std::size_t>(part * static_cast<double>(delays_.size())))];
        };
        std::printf(
            "{\"open\":%zu,\"open_s\":%.3f,\"delivered\":%zu,\"lost\":%zu,\"foreign\":%zu,\"resyncs\":%zu,\"closed\":%"
            "zu,"
            "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"worst_ms\":%.3f}\n",
            open_, open_ms / 1000, delays_.size(), expected_ - delays_.size(), foreign_, resyncs_, closed_, share(0.5),
            share(0.99), delays_.empty() ? -1.0 : delays_.back());
        std::fflush(stdout);
    }

private:
    void begin(std::size_t index) {
        Stream& stream = streams_[index];
        stream.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (stream.socket < 0) {
            fail(std::string("socket: ") + std::strerror(errno));
        }
        // Many addresses, as of many machines: ports and the server's limits are counted by address.
        const int late = 1;
        ::setsockopt(stream.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(0x7f000101U + static_cast<std::uint32_t>(index % kSourceAddresses));
        sockaddr_in server{};
        server.sin_family = AF_INET;
        server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        server.sin_port = htons(port_);
        if (::bind(stream.socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
            (::connect(stream.socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 &&
             errno != EINPROGRESS)) {
            fail(std::string("connect: ") + std::strerror(errno));
        }
        stream.ssl.reset(SSL_new(context_));
        SSL_set_fd(stream.ssl.get(), stream.socket);
        SSL_set_connect_state(stream.ssl.get());
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, stream.socket, &event);
    }

    void append(Person& person, std::size_t row) {
        std::array<char, 40> stamp{};
        timespec wall{};
        ::clock_gettime(CLOCK_REALTIME, &wall);
        std::tm parts{};
        ::gmtime_r(&wall.tv_sec, &parts);
        const std::size_t end = std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%S", &parts);
        std::snprintf(stamp.data() + end, stamp.size() - end, ".%03ldZ", wall.tv_nsec / 1'000'000);
        const std::string id = person.member + run_ + std::to_string(row);
        const std::string text =
            R"({"parentUuid":null,"isSidechain":false,"type":"assistant","uuid":"u-)" + id + R"(","timestamp":")" +
            stamp.data() + R"(","sessionId":")" + person.member + R"(","cwd":"/home/)" + person.member +
            R"(/live","gitBranch":"main","version":"2.1.330","requestId":"req_)" + id + R"(","message":{"id":"msg_)" +
            id +
            R"(","model":"claude-opus-4-8","stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":100}}})"
            "\n";
        if (::write(person.transcript, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            fail(std::string("writing a transcript: ") + std::strerror(errno));
        }
        person.appended.push_back(now_ms());
    }

    bool poll(int timeout_ms) {
        std::array<epoll_event, 512> events{};
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
        for (int i = 0; i < count; ++i) {
            advance(streams_[events[static_cast<std::size_t>(i)].data.u64]);
        }
        return count > 0;
    }

    void advance(Stream& stream) {
        if (!stream.ssl) {
            return;
        }
        if (!stream.asked) {
            const int done = SSL_do_handshake(stream.ssl.get());
            if (done != 1) {
                require_progress(stream, done, "handshake");
                return;
            }
            const std::string request =
                "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                "\r\nAccept: text/event-stream\r\nCookie: __Host-tm_access=" + people_[stream.person].cookie +
                "\r\n\r\n";
            if (SSL_write(stream.ssl.get(), request.data(), static_cast<int>(request.size())) <= 0) {
                fail("the request was not taken");  // a few hundred bytes into an empty socket
            }
            stream.asked = true;
        }
        std::array<char, 16384> bytes{};
        for (;;) {
            const int got = SSL_read(stream.ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
            if (got <= 0) {
                if (!require_progress(stream, got, "reading")) {
                    ++closed_;
                    stream.ssl.reset();
                    ::close(stream.socket);
                }
                return;
            }
            take(stream, std::string_view(bytes.data(), static_cast<std::size_t>(got)), now_ms());
        }
    }

    /// False: the server closed. Whatever else is no waiting ends the program.
    bool require_progress(const Stream& stream, int result, const char* what) {
        const int error = SSL_get_error(stream.ssl.get(), result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
            return true;
        }
        const unsigned long code = ERR_get_error();
        if (stream.open && (error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL || error == SSL_ERROR_SSL)) {
            return false;
        }
        fail(std::string(what) + ": " + (code != 0 ? ERR_reason_error_string(code) : "the server closed"));
    }

    void take(Stream& stream, std::string_view bytes, double now) {
        last_progress_ = now;
        stream.pending.append(bytes);
        if (!stream.open) {
            const std::size_t end = stream.pending.find("\r\n\r\n");
            if (end == std::string::npos) {
                return;
            }
            if (!stream.pending.starts_with("HTTP/1.1 200")) {
                fail("the stream was refused: " + stream.pending.substr(0, 200));
            }
            if (stream.pending.find("chunked") != std::string::npos) {
                fail("the stream comes in chunks, which this program does not read");
            }
            stream.open = true;
            ++open_;
            stream.pending.erase(0, end + 4);
        }
        std::size_t from = 0;
        for (std::size_t end = 0; (end = stream.pending.find("\n\n", from)) != std::string::npos; from = end + 2) {
            event(stream, std::string_view(stream.pending).substr(from, end - from), now);
        }
        stream.pending.erase(0, from);
        if (stream.pending.empty()) {
            stream.pending.shrink_to_fit();
        }
    }

    void event(Stream& stream, std::string_view text, double now) {
        const Person& person = people_[stream.person];
        for (std::size_t at = 0; (at = text.find(prefix_, at)) != std::string_view::npos; at += prefix_.size()) {
            std::size_t end = at + prefix_.size();
            while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) {
                ++end;
            }
            if (end > at + prefix_.size() && text.substr(at, end - at) != person.member) {
                ++foreign_;
            }
        }
        if (text.find("event: resync") != std::string_view::npos) {
            ++resyncs_;
        }
        if (text.find("event: usage") == std::string_view::npos) {
            return;
        }
        constexpr std::string_view kRequests = "\"requests\":";
        for (std::size_t at = 0; (at = text.find(kRequests, at)) != std::string_view::npos;) {
            at += kRequests.size();
            int requests = 0;
            std::from_chars(text.data() + at, text.data() + text.size(), requests);
            for (; requests > 0 && stream.told < person.appended.size(); --requests) {
                delays_.push_back(now - person.appended[stream.told++]);
            }
        }
    }

    void check_patience() const {
        if (last_progress_ > 0 && now_ms() - last_progress_ > kPatienceMs) {
            fail("the server opens no more streams: " + std::to_string(open_) + " are open");
        }
    }

    std::uint16_t port_;
    std::vector<Person> people_;
    std::vector<Stream> streams_;
    int epoll_;
    SSL_CTX* context_ = nullptr;
    std::string prefix_;
    // Ids of another run would count as repetitions.
    const std::string run_ = "-" + std::to_string(std::time(nullptr)) + "-";
    std::vector<double> delays_;
    std::size_t open_ = 0, expected_ = 0, foreign_ = 0, resyncs_ = 0, closed_ = 0;
    double last_progress_ = 0;
};

std::size_t number(const char* text) {
    std::size_t value = 0;
    const char* const end = text + std::strlen(text);
    if (const auto [at, error] = std::from_chars(text, end, value); error != std::errc{} || at != end || value == 0) {
        fail(std::string(text) + " is no number above 0");
    }
    return value;
}

void raise_open_files(std::size_t streams) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t wanted = streams + 500;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = std::min<rlim_t>(wanted, files.rlim_max);
        if (files.rlim_cur < wanted || ::setrlimit(RLIMIT_NOFILE, &files) != 0) {
            fail("needs " + std::to_string(wanted) + " open files: ulimit -Hn says " + std::to_string(files.rlim_max));
        }
    }
}

}  // namespace
}  // namespace tidemark

int main(int argc, char** argv) {
    using namespace tidemark;
    if (argc != 8) {
        fail("usage: open_streams PORT CERTIFICATE PEOPLE PROJECTS STREAMS ROWS PAUSE_MS");
    }
    const std::size_t streams = number(argv[5]);
    raise_open_files(streams);
    Streams all(static_cast<std::uint16_t>(number(argv[1])), argv[2], read_people(argv[3]), streams);
    all.make_transcripts(argv[4]);
    const double started = now_ms();
    all.open_all();
    const double opened = now_ms() - started;
    all.append_rows(number(argv[6]), static_cast<double>(number(argv[7])));
    all.print(opened);
    while (std::getchar() != EOF) {
    }
    return 0;
}
