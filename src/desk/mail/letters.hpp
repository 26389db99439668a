// What the mails say. No text of anybody's is in them, so nobody writes to others under this server's name.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::mail {

enum class Language { kChinese, kEnglish };
enum class Occasion {
    kReset,
    kRegistration,
    kInvitation,
    kTest,
    kKnownAddress,  ///< Asked to register with an address that has an account
};

[[nodiscard]] std::string_view to_text(Occasion occasion);

struct Letter {
    std::string subject, text, html;
};
/// `link`: the address that works once; for a test the server's own, for a known address its sign-in page. `server`:
/// its public address.
[[nodiscard]] Letter write_letter(Occasion occasion, Language language, std::string_view link, std::string_view server);

}  // namespace tidemark::mail
