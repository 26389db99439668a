/** The API's shapes by the names the pages use, whatever the description calls its schemas. */
import type {
    GetActiveSessionsApiResponse,
    GetFacetsApiResponse,
    GetLimitsApiResponse,
    GetOverviewApiResponse,
    GetPricesApiResponse,
    GetSessionApiResponse,
    GetSessionsApiResponse,
    GetSettingsApiResponse,
    GetSourcesApiResponse,
    GetUsageBreakdownApiResponse,
    GetUsageHoursApiResponse,
    GetUsageRecordsApiResponse,
    GetUsageSeriesApiArg,
    GetUsageSeriesApiResponse,
    GetUsageSummaryApiArg,
    GetUsageSummaryApiResponse,
} from '@/shared/api/generated';

export type Overview = GetOverviewApiResponse;
export type Measures = Overview['today'];
export type Block = NonNullable<GetLimitsApiResponse['block']>;
export type LimitHit = GetLimitsApiResponse['hits'][number];
export type Notice = Overview['notices'][number];
export type ActiveSession = GetActiveSessionsApiResponse['sessions'][number];
export type Session = GetSessionsApiResponse['sessions'][number];
export type SessionDetail = GetSessionApiResponse;
export type UsageRecord = GetUsageRecordsApiResponse['records'][number];
export type Summary = GetUsageSummaryApiResponse;
export type SeriesAnswer = GetUsageSeriesApiResponse;
export type Breakdown = GetUsageBreakdownApiResponse;
export type BreakdownRow = Breakdown['rows'][number];
export type Hours = GetUsageHoursApiResponse;
export type Facets = GetFacetsApiResponse;
export type Settings = GetSettingsApiResponse;
export type Sources = GetSourcesApiResponse;
export type PriceBook = GetPricesApiResponse;
export type PriceOverride = PriceBook['overrides'][number];
export type SeriesArg = GetUsageSeriesApiArg;
/** What every usage question takes: range, zone, filters. */
export type CommonArg = Omit<GetUsageSummaryApiArg, 'compare'>;
