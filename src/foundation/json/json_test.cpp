#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/json/read.hpp"
#include "foundation/json/schema.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::json::testing_types {

enum class Colour { kRed, kDeepBlue };
struct Inner {
    std::string name;
    std::optional<std::int64_t> count;
};
TIDEMARK_DTO(Inner, "Inner thing", (name, count))
struct Base {
    std::int32_t id = 0;
};
TIDEMARK_DTO(Base, "", (id))
struct Outer : Base {
    bool on = false;
    double ratio = 0;
    base::NanoUsd cost;
    Time at;
    Colour colour = Colour::kRed;
    std::vector<Inner> inner;
    std::map<std::string, std::int64_t> counts;
    std::optional<Inner> maybe;
};
TIDEMARK_DTO_DERIVED(Outer, (Base), "Outer thing", (on, ratio, cost, at, colour, inner, counts, maybe))
struct Body {
    std::string model;
    std::optional<double> factor;
    std::optional<Time> from;
    std::optional<std::uint8_t> small;
};
TIDEMARK_REQUEST_DTO(Body, "", (model, factor, from, small))

}  // namespace tidemark::json::testing_types

namespace tidemark::json {

template <>
struct EnumNames<testing_types::Colour> {
    static constexpr std::string_view kName = "Colour";
    static constexpr std::array<std::string_view, 2> kNames{"red", "deep-blue"};
};

namespace {

using namespace testing_types;  // NOLINT: the point of that namespace
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

std::string quoted(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

Problems problems_of(std::string_view text) {
    auto result = read<Body>(text);
    return result ? Problems{} : result.error();
}

TEST(JsonWrite, WritesEveryKind) {
    Outer outer;
    outer.id = 7;
    outer.ratio = 0.1;
    outer.cost = base::NanoUsd{12'345'678'901};
    outer.at = Time{1'795'399'114'828};
    outer.colour = Colour::kDeepBlue;
    outer.inner = {{"a\"b", 5}, {"c", std::nullopt}};
    outer.counts = {{"x", 1}};
    EXPECT_EQ(
        to_text(outer),
        R"({"id":7,"on":false,"ratio":0.1,"cost":12.345678901,"at":"2026-11-23T01:58:34.828Z","colour":"deep-blue",)"
        R"("inner":[{"name":"a\"b","count":5},{"name":"c","count":null}],"counts":{"x":1},"maybe":null})");
}

TEST(JsonWrite, EscapesAndRepairsText) {
    EXPECT_EQ(quoted("a\nb\t\x01\\"), R"("a\nb\t\u0001\\")");
    EXPECT_EQ(quoted("价格 é 😀"), "\"价格 é 😀\"");
    EXPECT_EQ(quoted("a\xFF"
                     "b\xC0\xAF\xED\xA0\x80"),
              "\"a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(quoted("cut \xE4\xBB"), "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWrite, NumbersThatAreNoneAreNull) {
    EXPECT_EQ(to_text(std::vector<double>{1.5, std::nan(""), std::numeric_limits<double>::infinity(), -0.25}),
              "[1.5,null,null,-0.25]");
}

TEST(JsonWrite, IndentKeepsStringsAndEmptyLists) {
    EXPECT_EQ(indent(R"({"a":[1,{"b":"x:{,}\""}],"c":[],"d":{}})"),
              "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:{,}\\\"\"\n    }\n  ],\n  \"c\": [],\n  \"d\": {}\n}\n");
}

TEST(JsonRead, ReadsBackWhatIsWritten) {
    Outer outer;
    outer.id = -3;
    outer.on = true;
    outer.ratio = 2.5e-7;
    outer.cost = base::NanoUsd{-1};
    outer.at = Time{1'795'399'114'828};
    outer.colour = Colour::kDeepBlue;
    outer.inner = {{"名", std::nullopt}};
    outer.counts = {{"x", std::numeric_limits<std::int64_t>::max()}};
    outer.maybe = Inner{"m", 1};
    const auto back = read<Outer>(to_text(outer));
    ASSERT_TRUE(back) << back.error()[0].path << back.error()[0].message;
    EXPECT_EQ(to_text(*back), to_text(outer));
}

TEST(JsonRead, RequestBodiesMayLeaveOptionalFieldsOut) {
    const auto body = read<Body>(R"( {"model":"m","factor":null} )");
    ASSERT_TRUE(body);
    EXPECT_EQ(body->model, "m");
    EXPECT_FALSE(body->factor || body->from || body->small);
}

TEST(JsonRead, NamesUnknownFieldsWithPathAndSuggestion) {
    EXPECT_THAT(
        problems_of(R"({"model":"m","factr":1})"),
        ElementsAre(::testing::AllOf(Field(&Problem::path, "factr"),
                                     Field(&Problem::message, "is not a known field (did you mean \"factor\"?)"))));
    const auto nested =
        read<std::vector<Inner>>(R"([{"name":"a","count":1},{"name":"b","count":1,"x":{"deep":[1,2]}}])");
    ASSERT_FALSE(nested);
    EXPECT_EQ(nested.error()[0].path, "[1].x");
}

TEST(JsonRead, CollectsAllProblems) {
    const Problems problems = problems_of(R"({"factor":"x","from":"yesterday","small":256,"small":1})");
    std::string all;
    for (const Problem& problem : problems) {
        all += problem.path + " " + problem.message + "\n";
    }
    EXPECT_EQ(all,
              "factor must be a number\nfrom must be a time such as 2026-11-23T01:58:34Z\nsmall is out of range\n"
              "small is there twice\nmodel is missing\n");
}

TEST(JsonRead, StopsAfterTwentyProblems) {
    std::string text = "[";
    for (int i = 0; i < 100; ++i) {
        text += i == 0 ? "{}" : ",{}";
    }
    const auto result = read<std::vector<Inner>>(text + "]");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().size(), 20U);
}

TEST(JsonRead, RefusesWhatIsNotJson) {
    for (const std::string_view text :
         {"", " ", "{", R"({"model")", R"({"model":"m"} x)", R"({"model":"m"}{"model":"m"})", "nul",
          R"({"model":"\ud800"})", "\xFF", R"({"model":"m",})", R"([{"model":"m"}])", "7",
          R"({"model":"m","factor":01})", R"({"model":7})"}) {
        EXPECT_FALSE(problems_of(text).empty()) << text;
    }
}

TEST(JsonRead, DeepNestingIsAnErrorAndNotACrash) {
    EXPECT_FALSE(problems_of(R"({"model":)" + std::string(5000, '[') + std::string(5000, ']') + "}").empty());
}

TEST(JsonSchema, NullableAndRequired) {
    Schemas schemas;
    EXPECT_EQ(schemas.reference(type_of<std::vector<Outer>>()),
              R"({"type":"array","items":{"$ref":"#/components/schemas/Outer"}})");
    const std::string& outer = schemas.components().at("Outer");
    EXPECT_THAT(outer, HasSubstr(R"("maybe":{"nullable":true,"allOf":[{"$ref":"#/components/schemas/Inner"}]})"));
    EXPECT_THAT(outer, HasSubstr(R"("required":["id","on","ratio","cost","at","colour","inner","counts","maybe"])"));
    EXPECT_THAT(schemas.components().at("Inner"),
                HasSubstr(R"("count":{"type":"integer","format":"int64","nullable":true})"));
    EXPECT_EQ(schemas.components().at("Colour"), R"({"type":"string","enum":["red","deep-blue"]})");
    EXPECT_EQ(schemas.components().count("Base"), 0U) << "base members are part of the struct";

    Schemas of_body;
    of_body.reference(type_of<Body>());
    EXPECT_THAT(of_body.components().at("Body"), HasSubstr(R"("required":["model"])"));
}

}  // namespace
}  // namespace tidemark::json
