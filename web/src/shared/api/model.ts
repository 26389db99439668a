/** The API's shapes by the names the pages use, whatever the description calls its schemas. */
import type {
    BeginSecondFactorApiResponse,
    CreateKeyApiResponse,
    GetActiveSessionsApiResponse,
    GetAuditApiArg,
    GetAuditApiResponse,
    GetAuditVerdictApiResponse,
    GetAuthStateApiResponse,
    GetBackupSettingsApiResponse,
    GetBackupsApiResponse,
    GetDevicesApiResponse,
    GetFacetsApiResponse,
    GetIdentitiesApiResponse,
    GetInvitationsApiResponse,
    GetKeysApiResponse,
    GetLimitsApiResponse,
    GetMeApiResponse,
    GetOverviewApiResponse,
    GetPeopleApiResponse,
    GetPolicyApiResponse,
    GetPricesApiResponse,
    GetSessionApiResponse,
    GetSessionsApiResponse,
    GetSettingsApiResponse,
    GetSourcesApiResponse,
    GetSystemApiResponse,
    GetTeamsApiResponse,
    GetUsageBreakdownApiResponse,
    GetUsageHoursApiResponse,
    GetUsageRecordsApiResponse,
    GetUsageSeriesApiArg,
    GetUsageSeriesApiResponse,
    GetUsageSummaryApiArg,
    GetUsageSummaryApiResponse,
    MakeResetLinkApiResponse,
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

export type AuthState = GetAuthStateApiResponse;
export type Me = GetMeApiResponse;
export type Right = Me['rights'][number];
export type Role = Me['role'];
export type Device = GetDevicesApiResponse['sessions'][number];
export type Enrolment = BeginSecondFactorApiResponse;
export type ApiKey = GetKeysApiResponse['keys'][number];
export type KeyScope = ApiKey['scopes'][number];
export type IssuedKey = CreateKeyApiResponse;
export type Person = GetPeopleApiResponse['people'][number];
export type Team = GetTeamsApiResponse['teams'][number];
export type Invitation = GetInvitationsApiResponse['invitations'][number];
export type OneTimeLink = MakeResetLinkApiResponse;
export type Identities = GetIdentitiesApiResponse;
export type Identity = Identities['identities'][number];
export type Unassigned = Identities['unassigned'][number];
export type IdentityKind = Identity['kind'];
export type Policy = GetPolicyApiResponse;
export type AuditArg = GetAuditApiArg;
export type AuditRow = GetAuditApiResponse['rows'][number];
export type AuditVerdict = GetAuditVerdictApiResponse;
export type System = GetSystemApiResponse;
export type MasterKey = System['master_key'];
export type Backups = GetBackupsApiResponse;
export type Backup = Backups['backups'][number];
export type Restoring = NonNullable<Backups['restoring']>;
export type BackupSettings = GetBackupSettingsApiResponse;
