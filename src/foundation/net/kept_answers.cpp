#include "foundation/net/kept_answers.hpp"

#include <iterator>
#include <utility>

#include "foundation/net/gzip.hpp"

namespace tidemark::net {
namespace {

constexpr std::size_t kPackOnIoThread = 32 * 1024;  // a third of a millisecond
constexpr base::UnixMillis kUnusedFor = 5 * base::kMinute;
constexpr std::size_t kOverhead = 512;  // of an entry, besides its texts

}  // namespace

KeptAnswer::KeptAnswer(std::string content_type, std::string body)
    : content_type_(std::move(content_type)),
      body_(std::make_shared<const std::string>(std::move(body))),
      etag_(etag_of(*body_)),
      packed_etag_(etag_.substr(0, etag_.size() - 1) + "-gzip\"") {}

bool KeptAnswer::wants_packed(const Request& request) const {
    return body_->size() >= kGzipFrom && accepts_encoding(request.header("accept-encoding").value_or(""), "gzip");
}

std::shared_ptr<const std::string> KeptAnswer::packed() const {
    const std::lock_guard lock(mutex_);
    if (!packed_) {
        packed_ = std::make_shared<const std::string>(gzip(*body_));
    }
    return packed_;
}

bool KeptAnswer::at_hand(const Request& request) const {
    if (body_->size() <= kPackOnIoThread || !wants_packed(request)) {
        return true;
    }
    const std::lock_guard lock(mutex_);
    return packed_ != nullptr;
}

std::size_t KeptAnswer::bytes() const {
    // What gzip makes of JSON is a sixth of it; counting it always keeps the sum steady.
    return body_->size() + (body_->size() >= kGzipFrom ? body_->size() / 6 : 0);
}

Response KeptAnswer::to(const Request& request) const {
    Response response;
    response.compressible = false;
    const bool want = wants_packed(request);
    std::shared_ptr<const std::string> body = want ? packed() : body_;
    const bool is_packed = want && !body->empty();  // else it could not be packed
    if (want && !is_packed) {
        body = body_;
    }
    const std::string& etag = is_packed ? packed_etag_ : etag_;
    response.headers.emplace_back("ETag", etag);
    response.headers.emplace_back("Cache-Control", "no-cache, private");
    if (body_->size() >= kGzipFrom) {
        response.headers.emplace_back("Vary", "Accept-Encoding");
    }
    if (const auto known = request.header("if-none-match"); known && etag_matches(*known, etag)) {
        response.status = 304;
        return response;
    }
    response.content_type = content_type_;
    response.shared_body = std::move(body);
    if (is_packed) {
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
    return response;
}

std::shared_ptr<const KeptAnswer> KeptAnswers::find(std::string_view question, std::uint64_t state,
                                                    base::UnixMillis now) {
    const std::lock_guard lock(mutex_);
    drop_old(now);
    const auto found = index_.find(question);
    if (found == index_.end()) {
        return nullptr;
    }
    const auto entry = found->second;
    if (entry->state < state || entry->until <= now) {
        erase(entry);
        return nullptr;
    }
    entry->used = now;
    entries_.splice(entries_.begin(), entries_, entry);
    ++hits_;
    return entry->answer;
}

void KeptAnswers::keep(std::string_view question, std::uint64_t state, std::shared_ptr<const KeptAnswer> answer,
                       base::UnixMillis until, base::UnixMillis now) {
    const std::size_t bytes = answer->bytes() + question.size() + kOverhead;
    const std::lock_guard lock(mutex_);
    drop_old(now);
    if (const auto found = index_.find(question); found != index_.end()) {
        if (found->second->state > state) {
            return;
        }
        erase(found->second);
    }
    if (bytes > limit_ / 4 || until <= now) {
        return;
    }
    entries_.push_front({std::string(question), state, until, now, bytes, std::move(answer)});
    index_.emplace(entries_.front().question, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > limit_) {
        erase(std::prev(entries_.end()));
    }
}

void KeptAnswers::drop_old(base::UnixMillis now) {
    while (!entries_.empty() && entries_.back().used + kUnusedFor < now) {
        erase(std::prev(entries_.end()));
    }
}

void KeptAnswers::erase(Entries::iterator entry) {
    bytes_ -= entry->bytes;
    index_.erase(entry->question);
    entries_.erase(entry);
}

void KeptAnswers::clear() {
    const std::lock_guard lock(mutex_);
    index_.clear();
    entries_.clear();
    bytes_ = 0;
}

KeptAnswers::Stats KeptAnswers::stats() const {
    const std::lock_guard lock(mutex_);
    return {hits_, bytes_};
}

}  // namespace tidemark::net
