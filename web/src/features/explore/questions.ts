/**
 * What the parts of the page ask the server. Pure, and apart from the parts, so that the same
 * questions can be asked ahead of a visit.
 */

import type { AppDispatch } from '@/shared/api/dispatch';
import type {
    GetUsageBreakdownApiArg,
    GetUsageHoursApiArg,
    GetUsageSeriesApiArg,
    GetUsageSummaryApiArg,
} from '@/shared/api/generated';
import { api } from '@/shared/api/generated';
import type { CommonArg } from '@/shared/api/model';
import { filterArg, usageArg } from '@/shared/api/usageArg';
import type { FilterName, Filters } from '@/shared/lib/filters';
import type { Preferences } from '@/shared/lib/format';
import { resolveRange } from '@/shared/lib/range';
import { weekStartOf } from '@/shared/lib/zone';
import { askedBucket } from './buckets';
import { pivotSort } from './pivot';
import type { View } from './view';
import { DEFAULT_RANGE, DEFAULT_VIEW } from './view';

/** Rows of the table before "more". */
export const FIRST_ROWS = 50;
const TREND = 30;
const WEEKS = 52;

/** `whole` reaches to the end of the axis; `span` is its length in ms. */
export function chartQuestion(
    view: View,
    whole: CommonArg,
    span: number,
    tools: boolean,
): GetUsageSeriesApiArg {
    return {
        ...whole,
        metric: view.metric,
        groupBy: view.group,
        bucket: askedBucket(view.bucket, span, tools),
        compare: view.compare ? 'previous' : 'none',
    };
}

export function totalQuestion(arg: CommonArg): GetUsageSummaryApiArg {
    return { ...arg, compare: 'previous' };
}

export function hoursQuestion(view: View, arg: CommonArg): GetUsageHoursApiArg {
    return { ...arg, metric: view.metric };
}

/** A year of days, whatever the range. */
export function yearQuestion(
    view: View,
    filters: Filters,
    { zone, weekStart }: Pick<Preferences, 'zone' | 'weekStart'>,
    now: number,
): GetUsageSeriesApiArg {
    return {
        from: new Date(weekStartOf(now, -WEEKS, weekStart, zone)).toISOString(),
        tz: zone,
        weekStart,
        ...filterArg(filters),
        metric: view.metric,
        bucket: '1d',
        groupBy: 'none',
    };
}

export function pivotGroup(view: View): FilterName {
    return view.group === 'none' ? 'project' : view.group;
}

export function pivotQuestion(view: View, arg: CommonArg, limit: number): GetUsageBreakdownApiArg {
    return {
        ...arg,
        groupBy: pivotGroup(view),
        sort: pivotSort(view),
        order: view.ascending ? 'asc' : 'desc',
        compare: 'previous',
        limit,
        trend: TREND,
    };
}

/** Asks what the page asks when it is opened without any choice, so that the answers are there by then. */
export function askAhead(dispatch: AppDispatch, preferences: Preferences): void {
    const { zone, weekStart } = preferences;
    const now = Date.now();
    const range = resolveRange({ preset: DEFAULT_RANGE }, now, zone, weekStart);
    const arg = usageArg(range, {}, zone, weekStart);
    const whole = usageArg(range, {}, zone, weekStart, true);
    const span = (range.axisTo ?? range.to ?? now) - range.from;
    const view = DEFAULT_VIEW;
    const { endpoints } = api;
    const loosely = { subscribe: false };
    dispatch(endpoints.getUsageSeries.initiate(chartQuestion(view, whole, span, false), loosely));
    dispatch(endpoints.getUsageSummary.initiate(totalQuestion(arg), loosely));
    dispatch(endpoints.getUsageBreakdown.initiate(pivotQuestion(view, arg, FIRST_ROWS), loosely));
    dispatch(endpoints.getUsageSeries.initiate(yearQuestion(view, {}, preferences, now), loosely));
    dispatch(endpoints.getUsageHours.initiate(hoursQuestion(view, arg), loosely));
    dispatch(endpoints.getFacets.initiate(arg, loosely));
}
