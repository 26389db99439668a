"""The questions of the API benchmark: those of the pages, once as they stand and once in so many variations (ranges, filters,
groupings) that no answer serves twice."""
import datetime
import random
import urllib.parse

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
QUARTER = datetime.timedelta(minutes=15)
GROUPS = ["model", "project", "branch", "kind", "version", "agent", "entrypoint"]
METRICS = ["cost", "total_tokens", "output_tokens", "requests", "cache_hit_ratio", "average_duration", "sessions"]


def stamp(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


class Questions:
    """`end`: the newest moment of the ledger; `facets`: what /facets says of its year; `sessions`: ids, the largest first."""

    def __init__(self, end: datetime.datetime, facets: dict, sessions: list[str]):
        self.end, self.facets, self.sessions = end, facets, sessions
        self.random = random.Random(1)

    def span(self, days: int) -> str:
        return urllib.parse.urlencode({"from": stamp(self.end - days * DAY), "to": stamp(self.end), "tz": "UTC"})

    def fixed(self) -> dict[str, str]:
        """Name of a row in the table -> the path that every client asks again and again."""
        return {
            "overview": "/api/v1/overview?tz=UTC",
            "summary 30 d": f"/api/v1/usage/summary?compare=previous&{self.span(30)}",
            "summary 1 y": f"/api/v1/usage/summary?compare=previous&{self.span(365)}",
            "series 1 y by model, 1d": f"/api/v1/usage/series?metric=cost&bucket=1d&group_by=model&{self.span(365)}",
            "series 30 d by project, 1h": f"/api/v1/usage/series?metric=total_tokens&bucket=1h&group_by=project&{self.span(30)}",
            "series 90 d tool calls": f"/api/v1/usage/series?metric=tool_calls&bucket=1d&group_by=tool&{self.span(90)}",
            "breakdown 90 d by session": f"/api/v1/usage/breakdown?group_by=session&trend=24&{self.span(90)}",
            "breakdown 1 y by project": f"/api/v1/usage/breakdown?group_by=project&compare=previous&{self.span(365)}",
            "hours 1 y": f"/api/v1/usage/hours?metric=cost&{self.span(365)}",
            "records": f"/api/v1/usage/records?limit=100&{self.span(365)}",
            "sessions": f"/api/v1/sessions?limit=50&{self.span(365)}",
            "sessions/active": "/api/v1/sessions/active",
            "sessions/{id}": f"/api/v1/sessions/{self.sessions[-1]}",
            "sessions/{id}, the largest": f"/api/v1/sessions/{self.sessions[0]}",
            "the largest, packed": f"/api/v1/sessions/{self.sessions[0]}",
            "limits": "/api/v1/limits",
            "projects": "/api/v1/projects",
            "facets": f"/api/v1/facets?{self.span(365)}",
            "prices": "/api/v1/prices",
            "sources": "/api/v1/sources",
        }

    def scope(self, filters: bool = True) -> dict[str, str]:
        """A range of a day to a year that ends on a quarter of an hour; half of them filtered."""
        days = self.random.choice([1, 1, 7, 7, 7, 30, 30, 30, 90, 365])
        to = self.end - self.random.randrange(0, 96 * max(365 - days, 20)) * QUARTER
        scope = {"from": stamp(to - days * DAY - self.random.randrange(96) * QUARTER), "to": stamp(to), "tz": "UTC"}
        if filters and self.random.random() < 0.5:
            name = self.random.choice(["project", "model", "branch", "kind"])
            scope[name] = self.random.choice(self.facets[name])["key"]
        return scope

    def varied(self, count: int) -> dict[str, list[str]]:
        """Name of a row -> `count` paths, no two alike."""
        pick = self.random.choice
        makers = {
            "summary": lambda: ("/usage/summary", {"compare": pick(["none", "previous"])}),
            "series": lambda: ("/usage/series", {"metric": pick(METRICS), "group_by": pick(["none", *GROUPS])}),
            "series by tool": lambda: ("/usage/series", {"metric": pick(["tool_calls", "cost"]), "group_by": "tool"}),
            "breakdown": lambda: ("/usage/breakdown", {"group_by": pick(GROUPS), "trend": pick(["0", "24"]), "compare": pick(["none", "previous"])}),
            "breakdown by session": lambda: ("/usage/breakdown", {"group_by": "session", "offset": pick(["0", "50"])}),
            "hours": lambda: ("/usage/hours", {"metric": pick(METRICS)}),
            "records": lambda: ("/usage/records", {"limit": "100", "order": pick(["asc", "desc"])}),
            "sessions": lambda: ("/sessions", {"limit": "50", "sort": pick(["last_activity", "cost", "requests"])}),
            "facets": lambda: ("/facets", {}),
        }
        made = {}
        for name, make in makers.items():
            paths = set()
            while len(paths) < count:
                path, parameters = make()
                paths.add(f"/api/v1{path}?" + urllib.parse.urlencode({**parameters, **self.scope()}))
            made[name] = sorted(paths, key=lambda _: self.random.random())
        made["sessions/{id}"] = [f"/api/v1/sessions/{one}" for one in self.sessions]
        return made
