#include "foundation/crypto/password.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace tidemark::crypto {
namespace {

TEST(Password, IsHashedAsArgon2idWithASaltOfItsOwn) {
    const std::string phc = hash_password("a green bicycle").value();
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
    EXPECT_NE(phc, hash_password("a green bicycle").value());
    EXPECT_TRUE(verify_password("a green bicycle", phc));
    EXPECT_FALSE(verify_password("a green bicycl", phc));
    EXPECT_FALSE(verify_password("A green bicycle", phc));
    EXPECT_FALSE(verify_password("", phc));
    EXPECT_FALSE(needs_rehash(phc));
    EXPECT_TRUE(needs_rehash(phc, {.passes = 3}));
}

TEST(Password, VerifiesWhatOthersHashed) {
    // "password" with "somesalt", 64 MiB, 2 passes: from the tests of Argon2's reference implementation.
    const std::string phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    EXPECT_TRUE(verify_password("password", phc));
    EXPECT_FALSE(verify_password("passwore", phc));
    EXPECT_TRUE(needs_rehash(phc));
}

TEST(Password, HashesThatAreNoneMatchNothing) {
    const std::string good = hash_password("a green bicycle").value();
    std::vector<std::string> bad = {"",
                                    "a green bicycle",
                                    "$argon2id$",
                                    "$argon2id$v=19$m=19456,t=2,p=1$",
                                    good.substr(0, good.size() - 1),
                                    good + "A",
                                    good + std::string(1000, 'A'),
                                    "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$AAAA",
                                    "$2b$12$abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcde"};
    for (std::size_t i = 0; i < good.size(); i += 7) {
        bad.push_back(good);
        bad.back()[i] = bad.back()[i] == 'A' ? 'B' : 'A';
    }
    for (const std::string& phc : bad) {
        EXPECT_FALSE(verify_password("a green bicycle", phc)) << phc;
    }
    EXPECT_TRUE(needs_rehash(""));
    EXPECT_TRUE(needs_rehash(std::string(1000, '$')));
}

TEST(Password, TheDummyMatchesNothingAndCostsTheSame) {
    EXPECT_EQ(dummy_password_hash().substr(0, 31), hash_password("x").value().substr(0, 31));
    EXPECT_EQ(&dummy_password_hash(), &dummy_password_hash());
    EXPECT_FALSE(verify_password("", dummy_password_hash()));
}

TEST(Password, OneTooLongIsNeverHashed) {
    const std::string longest(kMaximumPasswordBytes, 'x');
    EXPECT_TRUE(verify_password(longest, hash_password(longest).value()));
    EXPECT_FALSE(hash_password(longest + "x"));
    EXPECT_FALSE(verify_password(longest + "x", dummy_password_hash()));
}

PasswordFault check(std::string_view password) {
    static const std::vector<std::string> kPerson = {"ann.miller@acme-tools.example", "Ann Miller", "annmill", "bo"};
    return check_password(password, kPerson);
}

TEST(PasswordPolicy, TakesWhatIsLongAndOnesOwn) {
    for (const char* password : {"correct horse battery staple", "password of my green bicycle", "Xk9#mQ2$vL7p",
                                 "one dragon, two monkeys & tea", "Ann Miller rides a green bicycle to the sea",
                                 "我的自行车是绿色的它很快也很新", "zebra-quartz-71-lamp", "dragon8305716294",
                                 "eb7c1d90-f3a2", "мой велосипед зелёный"}) {
        EXPECT_EQ(check(password), PasswordFault::kNone) << password << ": " << to_text(check(password));
    }
}

TEST(PasswordPolicy, CountsCharactersAndBytes) {
    EXPECT_EQ(check("Xk9#mQ2$vL7"), PasswordFault::kTooShort);
    EXPECT_EQ(check(""), PasswordFault::kTooShort);
    // 11 characters, 33 bytes.
    EXPECT_EQ(check("我的自行车是绿色的它很"), PasswordFault::kTooShort);
    EXPECT_EQ(check("我的自行车是绿色的它很快"), PasswordFault::kNone);
    std::string text;
    while (text.size() < kMaximumPasswordBytes) {
        text += std::to_string(text.size() * text.size()) + "green";
    }
    EXPECT_EQ(check(text.substr(0, kMaximumPasswordBytes)), PasswordFault::kNone);
    EXPECT_EQ(check(text.substr(0, kMaximumPasswordBytes) + "x"), PasswordFault::kTooLong);
}

TEST(PasswordPolicy, RefusesWhatIsNotText) {
    const std::string rest = "green bicycle 71";
    for (const char* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\xff", "\xe6\x88", "\n", "\x7f", "\x01"}) {
        EXPECT_EQ(check(rest + bad), PasswordFault::kNotText) << bad;
        EXPECT_EQ(check(bad + rest), PasswordFault::kNotText) << bad;
    }
    EXPECT_EQ(check(rest + std::string(1, '\0')), PasswordFault::kNotText);
    EXPECT_EQ(check(rest + "\xf0\x9f\x9a\xb2"), PasswordFault::kNone);
}

TEST(PasswordPolicy, RefusesCommonOnesHoweverTheyAreDressed) {
    for (const char* password :
         {"administrator", "Administrator", "counterstrike", "needforspeed", "finalfantasy", "Password2026!!",
          "P@ssw0rd2026", "p455w0rd!!!!", "monkey123456", "!!!sunshine!!!", "12345password", "Basketball!1999",
          "1qaz2wsx3edc4rfv", "qwerty123456", "Letmein!2345!", "$unsh1ne2026"}) {
        const PasswordFault fault = check(password);
        EXPECT_TRUE(fault == PasswordFault::kCommon || fault == PasswordFault::kSimple) << password;
    }
    EXPECT_EQ(check("Password2026!!"), PasswordFault::kCommon);
}

TEST(PasswordPolicy, RefusesWhatRepeatsOrFollowsTheKeyboard) {
    for (const char* password :
         {"aaaaaaaaaaaaaaaa", "abababababab", "greenbikegreenbike", "monkey!monkey!", "abcdefghijklm",
          "123456789012345", "qwertyuiopasdfgh", "0987654321098", "zyxwvutsrqponml", "aabbaabbccaabb"}) {
        EXPECT_EQ(check(password), PasswordFault::kSimple) << password;
    }
}

TEST(PasswordPolicy, RefusesThePersonsOwnNames) {
    for (const char* password : {"AnnMiller2026", "ann.miller-7", "miller!9x7k2", "Acme-Tools-99", "4nnM1ller2026",
                                 "tidemark-2026", "annmill annmill7", "claude99xk71"}) {
        EXPECT_EQ(check(password), PasswordFault::kPersonal) << password;
    }
    // Without knowing her it is nobody's name.
    EXPECT_EQ(check_password("annmiller20x6", {}), PasswordFault::kNone);
    const std::vector<std::string> odd = {"", "@", "...", "a.b.c"};
    EXPECT_EQ(check_password("zebra-quartz-71", odd), PasswordFault::kNone);
}

TEST(PasswordPolicy, EveryFaultHasItsSentence) {
    for (const auto fault : {PasswordFault::kNotText, PasswordFault::kTooShort, PasswordFault::kTooLong,
                             PasswordFault::kCommon, PasswordFault::kSimple, PasswordFault::kPersonal}) {
        EXPECT_TRUE(to_text(fault).ends_with('.'));
    }
    EXPECT_EQ(to_text(PasswordFault::kNone), "");
}

}  // namespace
}  // namespace tidemark::crypto
