import { api } from "./base";
const injectedRtkApi = api.injectEndpoints({
    endpoints: (build) => ({
        getOverview: build.query<GetOverviewApiResponse, GetOverviewApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/overview`,
                params: {
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                },
            }),
        }),
        getUsageSummary: build.query<
            GetUsageSummaryApiResponse,
            GetUsageSummaryApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/usage/summary`,
                params: {
                    compare: queryArg.compare,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getUsageSeries: build.query<
            GetUsageSeriesApiResponse,
            GetUsageSeriesApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/usage/series`,
                params: {
                    metric: queryArg.metric,
                    bucket: queryArg.bucket,
                    group_by: queryArg.groupBy,
                    limit: queryArg.limit,
                    compare: queryArg.compare,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getUsageBreakdown: build.query<
            GetUsageBreakdownApiResponse,
            GetUsageBreakdownApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/usage/breakdown`,
                params: {
                    group_by: queryArg.groupBy,
                    limit: queryArg.limit,
                    offset: queryArg.offset,
                    sort: queryArg.sort,
                    order: queryArg.order,
                    compare: queryArg.compare,
                    trend: queryArg.trend,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getUsageHours: build.query<
            GetUsageHoursApiResponse,
            GetUsageHoursApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/usage/hours`,
                params: {
                    metric: queryArg.metric,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getUsageRecords: build.query<
            GetUsageRecordsApiResponse,
            GetUsageRecordsApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/usage/records`,
                params: {
                    limit: queryArg.limit,
                    cursor: queryArg.cursor,
                    order: queryArg.order,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getSessions: build.query<GetSessionsApiResponse, GetSessionsApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/sessions`,
                params: {
                    q: queryArg.q,
                    sort: queryArg.sort,
                    order: queryArg.order,
                    limit: queryArg.limit,
                    cursor: queryArg.cursor,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getActiveSessions: build.query<
            GetActiveSessionsApiResponse,
            GetActiveSessionsApiArg
        >({
            query: () => ({ url: `/api/v1/sessions/active` }),
        }),
        getSession: build.query<GetSessionApiResponse, GetSessionApiArg>({
            query: (queryArg) => ({ url: `/api/v1/sessions/${queryArg.id}` }),
        }),
        getProjects: build.query<GetProjectsApiResponse, GetProjectsApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/projects`,
                params: {
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getLimits: build.query<GetLimitsApiResponse, GetLimitsApiArg>({
            query: () => ({ url: `/api/v1/limits` }),
        }),
        getFacets: build.query<GetFacetsApiResponse, GetFacetsApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/facets`,
                params: {
                    limit: queryArg.limit,
                    from: queryArg["from"],
                    to: queryArg.to,
                    tz: queryArg.tz,
                    week_start: queryArg.weekStart,
                    project: queryArg.project,
                    model: queryArg.model,
                    branch: queryArg.branch,
                    session: queryArg.session,
                    kind: queryArg.kind,
                    tool: queryArg.tool,
                    version: queryArg.version,
                    entrypoint: queryArg.entrypoint,
                    agent: queryArg.agent,
                    skill: queryArg.skill,
                    plugin: queryArg.plugin,
                    mcp_server: queryArg.mcpServer,
                    effort: queryArg.effort,
                    speed: queryArg.speed,
                    service_tier: queryArg.serviceTier,
                    geo: queryArg.geo,
                    member: queryArg.member,
                },
            }),
        }),
        getStream: build.query<GetStreamApiResponse, GetStreamApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/stream`,
                params: {
                    last_event_id: queryArg.lastEventId,
                },
            }),
        }),
        getSources: build.query<GetSourcesApiResponse, GetSourcesApiArg>({
            query: () => ({ url: `/api/v1/sources` }),
        }),
        getPrices: build.query<GetPricesApiResponse, GetPricesApiArg>({
            query: () => ({ url: `/api/v1/prices` }),
        }),
        putPriceOverrides: build.mutation<
            PutPriceOverridesApiResponse,
            PutPriceOverridesApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/prices/overrides`,
                method: "PUT",
                body: queryArg.priceOverrides,
            }),
        }),
        getSettings: build.query<GetSettingsApiResponse, GetSettingsApiArg>({
            query: () => ({ url: `/api/v1/settings` }),
        }),
        putSettings: build.mutation<PutSettingsApiResponse, PutSettingsApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/settings`,
                method: "PUT",
                body: queryArg.settings,
            }),
        }),
        getVersion: build.query<GetVersionApiResponse, GetVersionApiArg>({
            query: () => ({ url: `/api/v1/version` }),
        }),
        getOpenapi: build.query<GetOpenapiApiResponse, GetOpenapiApiArg>({
            query: () => ({ url: `/api/v1/openapi.json` }),
        }),
        getHealth: build.query<GetHealthApiResponse, GetHealthApiArg>({
            query: () => ({ url: `/healthz` }),
        }),
        getReadiness: build.query<GetReadinessApiResponse, GetReadinessApiArg>({
            query: () => ({ url: `/readyz` }),
        }),
        getMetrics: build.query<GetMetricsApiResponse, GetMetricsApiArg>({
            query: () => ({ url: `/metrics` }),
        }),
        getAuthState: build.query<GetAuthStateApiResponse, GetAuthStateApiArg>({
            query: () => ({ url: `/api/v1/auth/state` }),
        }),
        setUp: build.mutation<SetUpApiResponse, SetUpApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/setup`,
                method: "POST",
                body: queryArg.setUp,
            }),
        }),
        signInByLink: build.mutation<
            SignInByLinkApiResponse,
            SignInByLinkApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/link`,
                method: "POST",
                body: queryArg.linkToken,
            }),
        }),
        signIn: build.mutation<SignInApiResponse, SignInApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/sign-in`,
                method: "POST",
                body: queryArg.signIn,
            }),
        }),
        refreshSession: build.mutation<
            RefreshSessionApiResponse,
            RefreshSessionApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/refresh`,
                method: "POST",
                body: queryArg.refresh,
            }),
        }),
        issueTokens: build.mutation<IssueTokensApiResponse, IssueTokensApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/token`,
                method: "POST",
                body: queryArg.signIn,
            }),
        }),
        signOut: build.mutation<SignOutApiResponse, SignOutApiArg>({
            query: () => ({ url: `/api/v1/auth/sign-out`, method: "POST" }),
        }),
        forgotPassword: build.mutation<
            ForgotPasswordApiResponse,
            ForgotPasswordApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/forgot`,
                method: "POST",
                body: queryArg.forgot,
            }),
        }),
        resetPassword: build.mutation<
            ResetPasswordApiResponse,
            ResetPasswordApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/reset`,
                method: "POST",
                body: queryArg.reset,
            }),
        }),
        registerAccount: build.mutation<
            RegisterAccountApiResponse,
            RegisterAccountApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/register`,
                method: "POST",
                body: queryArg.register,
            }),
        }),
        requestRegistration: build.mutation<
            RequestRegistrationApiResponse,
            RequestRegistrationApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/request-registration`,
                method: "POST",
                body: queryArg.requestRegistration,
            }),
        }),
        beginProviderSignIn: build.query<
            BeginProviderSignInApiResponse,
            BeginProviderSignInApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/oidc/start`,
                params: {
                    return_to: queryArg.returnTo,
                },
            }),
        }),
        finishProviderSignIn: build.query<
            FinishProviderSignInApiResponse,
            FinishProviderSignInApiArg
        >({
            query: () => ({ url: `/api/v1/auth/oidc/callback` }),
        }),
        joinProvider: build.mutation<
            JoinProviderApiResponse,
            JoinProviderApiArg
        >({
            query: () => ({ url: `/api/v1/auth/oidc/join`, method: "POST" }),
        }),
        leaveProvider: build.mutation<
            LeaveProviderApiResponse,
            LeaveProviderApiArg
        >({
            query: () => ({ url: `/api/v1/auth/oidc/leave`, method: "POST" }),
        }),
        getProvider: build.query<GetProviderApiResponse, GetProviderApiArg>({
            query: () => ({ url: `/api/v1/auth/provider` }),
        }),
        putProvider: build.mutation<PutProviderApiResponse, PutProviderApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/provider`,
                method: "PUT",
                body: queryArg.providerChange,
            }),
        }),
        getMe: build.query<GetMeApiResponse, GetMeApiArg>({
            query: () => ({ url: `/api/v1/auth/me` }),
        }),
        putMe: build.mutation<PutMeApiResponse, PutMeApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/me`,
                method: "PUT",
                body: queryArg.profile,
            }),
        }),
        changePassword: build.mutation<
            ChangePasswordApiResponse,
            ChangePasswordApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/password`,
                method: "PUT",
                body: queryArg.passwordChange,
            }),
        }),
        confirmMe: build.mutation<ConfirmMeApiResponse, ConfirmMeApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/confirm`,
                method: "POST",
                body: queryArg.confirmation,
            }),
        }),
        beginSecondFactor: build.mutation<
            BeginSecondFactorApiResponse,
            BeginSecondFactorApiArg
        >({
            query: () => ({
                url: `/api/v1/auth/me/second-factor`,
                method: "POST",
            }),
        }),
        confirmSecondFactor: build.mutation<
            ConfirmSecondFactorApiResponse,
            ConfirmSecondFactorApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/second-factor/confirm`,
                method: "POST",
                body: queryArg.secondFactorCode,
            }),
        }),
        renewRecoveryCodes: build.mutation<
            RenewRecoveryCodesApiResponse,
            RenewRecoveryCodesApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/second-factor/recovery-codes`,
                method: "POST",
                body: queryArg.passwordCheck,
            }),
        }),
        disableSecondFactor: build.mutation<
            DisableSecondFactorApiResponse,
            DisableSecondFactorApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/second-factor/disable`,
                method: "POST",
                body: queryArg.passwordCheck,
            }),
        }),
        getDevices: build.query<GetDevicesApiResponse, GetDevicesApiArg>({
            query: () => ({ url: `/api/v1/auth/me/sessions` }),
        }),
        revokeDevice: build.mutation<
            RevokeDeviceApiResponse,
            RevokeDeviceApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/sessions/${queryArg.id}`,
                method: "DELETE",
            }),
        }),
        revokeOtherDevices: build.mutation<
            RevokeOtherDevicesApiResponse,
            RevokeOtherDevicesApiArg
        >({
            query: () => ({
                url: `/api/v1/auth/me/sessions/revoke-others`,
                method: "POST",
            }),
        }),
        exportMe: build.query<ExportMeApiResponse, ExportMeApiArg>({
            query: () => ({ url: `/api/v1/auth/me/export` }),
        }),
        eraseMe: build.mutation<EraseMeApiResponse, EraseMeApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/auth/me/erase`,
                method: "POST",
                body: queryArg.erasureConfirmation,
            }),
        }),
        getKeys: build.query<GetKeysApiResponse, GetKeysApiArg>({
            query: () => ({ url: `/api/v1/keys` }),
        }),
        createKey: build.mutation<CreateKeyApiResponse, CreateKeyApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/keys`,
                method: "POST",
                body: queryArg.newApiKey,
            }),
        }),
        rotateKey: build.mutation<RotateKeyApiResponse, RotateKeyApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/keys/${queryArg.id}/rotate`,
                method: "POST",
                body: queryArg.keyRotation,
            }),
        }),
        revokeKey: build.mutation<RevokeKeyApiResponse, RevokeKeyApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/keys/${queryArg.id}`,
                method: "DELETE",
            }),
        }),
        getPeople: build.query<GetPeopleApiResponse, GetPeopleApiArg>({
            query: () => ({ url: `/api/v1/people` }),
        }),
        createPerson: build.mutation<
            CreatePersonApiResponse,
            CreatePersonApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/people`,
                method: "POST",
                body: queryArg.newPerson,
            }),
        }),
        setRole: build.mutation<SetRoleApiResponse, SetRoleApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/role`,
                method: "PUT",
                body: queryArg.roleChange,
            }),
        }),
        setActive: build.mutation<SetActiveApiResponse, SetActiveApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/active`,
                method: "PUT",
                body: queryArg.activeChange,
            }),
        }),
        signPersonOut: build.mutation<
            SignPersonOutApiResponse,
            SignPersonOutApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/sign-out`,
                method: "POST",
            }),
        }),
        setBreakGlass: build.mutation<
            SetBreakGlassApiResponse,
            SetBreakGlassApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/break-glass`,
                method: "PUT",
                body: queryArg.breakGlassChange,
            }),
        }),
        makeResetLink: build.mutation<
            MakeResetLinkApiResponse,
            MakeResetLinkApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/reset-link`,
                method: "POST",
                body: queryArg.resetLinkRequest,
            }),
        }),
        transferPerson: build.mutation<
            TransferPersonApiResponse,
            TransferPersonApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/transfer`,
                method: "POST",
                body: queryArg.transfer,
            }),
        }),
        exportPerson: build.query<ExportPersonApiResponse, ExportPersonApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/export`,
            }),
        }),
        erasePerson: build.mutation<ErasePersonApiResponse, ErasePersonApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/people/${queryArg.id}/erase`,
                method: "POST",
                body: queryArg.erasureConfirmation,
            }),
        }),
        getInvitations: build.query<
            GetInvitationsApiResponse,
            GetInvitationsApiArg
        >({
            query: () => ({ url: `/api/v1/invitations` }),
        }),
        invite: build.mutation<InviteApiResponse, InviteApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/invitations`,
                method: "POST",
                body: queryArg.newInvitation,
            }),
        }),
        withdrawInvitation: build.mutation<
            WithdrawInvitationApiResponse,
            WithdrawInvitationApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/invitations/${queryArg.id}`,
                method: "DELETE",
            }),
        }),
        getTeams: build.query<GetTeamsApiResponse, GetTeamsApiArg>({
            query: () => ({ url: `/api/v1/teams` }),
        }),
        createTeam: build.mutation<CreateTeamApiResponse, CreateTeamApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/teams`,
                method: "POST",
                body: queryArg.teamChange,
            }),
        }),
        changeTeam: build.mutation<ChangeTeamApiResponse, ChangeTeamApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/teams/${queryArg.id}`,
                method: "PUT",
                body: queryArg.teamChange,
            }),
        }),
        removeTeam: build.mutation<RemoveTeamApiResponse, RemoveTeamApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/teams/${queryArg.id}`,
                method: "DELETE",
            }),
        }),
        setTeamMember: build.mutation<
            SetTeamMemberApiResponse,
            SetTeamMemberApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/teams/${queryArg.id}/members/${queryArg.account}`,
                method: "PUT",
                body: queryArg.membership,
            }),
        }),
        removeTeamMember: build.mutation<
            RemoveTeamMemberApiResponse,
            RemoveTeamMemberApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/teams/${queryArg.id}/members/${queryArg.account}`,
                method: "DELETE",
            }),
        }),
        getIdentities: build.query<
            GetIdentitiesApiResponse,
            GetIdentitiesApiArg
        >({
            query: () => ({ url: `/api/v1/identities` }),
        }),
        mapIdentity: build.mutation<MapIdentityApiResponse, MapIdentityApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/identities`,
                method: "POST",
                body: queryArg.newIdentity,
            }),
        }),
        unmapIdentity: build.mutation<
            UnmapIdentityApiResponse,
            UnmapIdentityApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/identities/${queryArg.id}`,
                method: "DELETE",
            }),
        }),
        setProjectOwner: build.mutation<
            SetProjectOwnerApiResponse,
            SetProjectOwnerApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/project-owners`,
                method: "PUT",
                body: queryArg.projectOwner,
            }),
        }),
        getPolicy: build.query<GetPolicyApiResponse, GetPolicyApiArg>({
            query: () => ({ url: `/api/v1/policy` }),
        }),
        putPolicy: build.mutation<PutPolicyApiResponse, PutPolicyApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/policy`,
                method: "PUT",
                body: queryArg.policy,
            }),
        }),
        getAudit: build.query<GetAuditApiResponse, GetAuditApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/audit`,
                params: {
                    from: queryArg["from"],
                    to: queryArg.to,
                    actor: queryArg.actor,
                    action: queryArg.action,
                    object: queryArg["object"],
                    limit: queryArg.limit,
                    cursor: queryArg.cursor,
                },
            }),
        }),
        exportAudit: build.query<ExportAuditApiResponse, ExportAuditApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/audit/export`,
                params: {
                    from: queryArg["from"],
                    to: queryArg.to,
                    actor: queryArg.actor,
                    action: queryArg.action,
                    object: queryArg["object"],
                    format: queryArg.format,
                },
            }),
        }),
        getAuditVerdict: build.query<
            GetAuditVerdictApiResponse,
            GetAuditVerdictApiArg
        >({
            query: () => ({ url: `/api/v1/audit/verdict` }),
        }),
        getMail: build.query<GetMailApiResponse, GetMailApiArg>({
            query: () => ({ url: `/api/v1/system/mail` }),
        }),
        putMail: build.mutation<PutMailApiResponse, PutMailApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/system/mail`,
                method: "PUT",
                body: queryArg.mailChange,
            }),
        }),
        testMail: build.mutation<TestMailApiResponse, TestMailApiArg>({
            query: (queryArg) => ({
                url: `/api/v1/system/mail/test`,
                method: "POST",
                body: queryArg.mailTest,
            }),
        }),
        getSystem: build.query<GetSystemApiResponse, GetSystemApiArg>({
            query: () => ({ url: `/api/v1/system` }),
        }),
        reloadTls: build.mutation<ReloadTlsApiResponse, ReloadTlsApiArg>({
            query: () => ({ url: `/api/v1/system/tls/reload`, method: "POST" }),
        }),
        rotateMasterKey: build.mutation<
            RotateMasterKeyApiResponse,
            RotateMasterKeyApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/system/master-key/rotate`,
                method: "POST",
                body: queryArg.passwordCheck,
            }),
        }),
        getBackups: build.query<GetBackupsApiResponse, GetBackupsApiArg>({
            query: () => ({ url: `/api/v1/backups` }),
        }),
        makeBackup: build.mutation<MakeBackupApiResponse, MakeBackupApiArg>({
            query: () => ({ url: `/api/v1/backups`, method: "POST" }),
        }),
        restoreBackup: build.mutation<
            RestoreBackupApiResponse,
            RestoreBackupApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/backups/${queryArg.name}/restore`,
                method: "POST",
                body: queryArg.passwordCheck,
            }),
        }),
        removeKept: build.mutation<RemoveKeptApiResponse, RemoveKeptApiArg>({
            query: () => ({ url: `/api/v1/backups/kept`, method: "DELETE" }),
        }),
        getBackupSettings: build.query<
            GetBackupSettingsApiResponse,
            GetBackupSettingsApiArg
        >({
            query: () => ({ url: `/api/v1/backups/settings` }),
        }),
        putBackupSettings: build.mutation<
            PutBackupSettingsApiResponse,
            PutBackupSettingsApiArg
        >({
            query: (queryArg) => ({
                url: `/api/v1/backups/settings`,
                method: "PUT",
                body: queryArg.backupSettings,
            }),
        }),
    }),
    overrideExisting: false,
});
export { injectedRtkApi as api };
export type GetOverviewApiResponse = /** status 200 OK */ Overview;
export type GetOverviewApiArg = {
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
};
export type GetUsageSummaryApiResponse = /** status 200 OK */ UsageSummary;
export type GetUsageSummaryApiArg = {
    /** Also answer for the span right before. */
    compare?: Compare;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetUsageSeriesApiResponse = /** status 200 OK */ UsageSeries;
export type GetUsageSeriesApiArg = {
    /** What to measure. */
    metric?: Metric;
    /** Width of a bucket; auto fits the range. */
    bucket?: BucketChoice;
    /** One line per value of this dimension. */
    groupBy?: Dimension;
    /** Most lines; the rest is summed as "__other__". */
    limit?: number;
    /** Also answer for the span right before. */
    compare?: Compare;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetUsageBreakdownApiResponse = /** status 200 OK */ UsageBreakdown;
export type GetUsageBreakdownApiArg = {
    /** What to cut by. */
    groupBy?: Dimension;
    /** Most rows. */
    limit?: number;
    /** Rows to skip. */
    offset?: number;
    /** What to sort by. */
    sort?: Metric;
    /** Direction. */
    order?: Order;
    /** Also answer for the span right before. */
    compare?: Compare;
    /** Points of each row's cost over the range; 0 = none. */
    trend?: number;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetUsageHoursApiResponse = /** status 200 OK */ UsageHours;
export type GetUsageHoursApiArg = {
    /** What to measure. */
    metric?: Metric;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetUsageRecordsApiResponse = /** status 200 OK */ UsageRecords;
export type GetUsageRecordsApiArg = {
    /** Most records of a page. */
    limit?: number;
    /** next_cursor of the page before. */
    cursor?: string;
    /** Direction. */
    order?: Order;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetSessionsApiResponse = /** status 200 OK */ Sessions;
export type GetSessionsApiArg = {
    /** Part of a project's path, a branch or a session id. */
    q?: string;
    /** What to sort by. */
    sort?: SessionSort;
    /** Direction. */
    order?: Order;
    /** Most sessions of a page. */
    limit?: number;
    /** next_cursor of the page before. */
    cursor?: string;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetActiveSessionsApiResponse = /** status 200 OK */ ActiveSessions;
export type GetActiveSessionsApiArg = void;
export type GetSessionApiResponse = /** status 200 OK */ SessionDetail;
export type GetSessionApiArg = {
    /** The session's id. */
    id: string;
};
export type GetProjectsApiResponse = /** status 200 OK */ Projects;
export type GetProjectsApiArg = {
    /** Start of the range. Default: the first request. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetLimitsApiResponse = /** status 200 OK */ Limits;
export type GetLimitsApiArg = void;
export type GetFacetsApiResponse = /** status 200 OK */ Facets;
export type GetFacetsApiArg = {
    /** Most values of each filter. */
    limit?: number;
    /** Start of the range. Default: the start of today in tz. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** IANA time zone of days, weeks and months. Default: the setting, else the machine's. */
    tz?: string;
    /** First day of the week, 0 Sunday to 6 Saturday. Default: the setting. */
    weekStart?: number;
    /** Only these projects (keys). Repeat for more; "" is none. */
    project?: string[];
    /** Only these models. */
    model?: string[];
    /** Only these git branches. */
    branch?: string[];
    /** Only these sessions. */
    session?: string[];
    /** Only these kinds of request. */
    kind?: RequestKind[];
    /** Only requests that used one of these tools. */
    tool?: string[];
    /** Only these client versions. */
    version?: string[];
    /** Only these entry points (cli, sdk, …). */
    entrypoint?: string[];
    /** Only these agents. */
    agent?: string[];
    /** Only these skills. */
    skill?: string[];
    /** Only these plugins. */
    plugin?: string[];
    /** Only these MCP servers. */
    mcpServer?: string[];
    /** Only these effort levels. */
    effort?: string[];
    /** Only this speed. */
    speed?: Speed[];
    /** Only these service tiers. */
    serviceTier?: string[];
    /** Only these inference regions. */
    geo?: string[];
    /** Only these members. */
    member?: string[];
};
export type GetStreamApiResponse =
    | /** status 200 OK */ HelloEvent
    | UsageEvent
    | ImportProgress
    | ChangedEvent;
export type GetStreamApiArg = {
    /** Resume after this event (as the Last-Event-ID header does). */
    lastEventId?: number;
};
export type GetSourcesApiResponse = /** status 200 OK */ Sources;
export type GetSourcesApiArg = void;
export type GetPricesApiResponse = /** status 200 OK */ Prices;
export type GetPricesApiArg = void;
export type PutPriceOverridesApiResponse = /** status 200 OK */ Repricing;
export type PutPriceOverridesApiArg = {
    priceOverrides: PriceOverrides;
};
export type GetSettingsApiResponse = /** status 200 OK */ Settings;
export type GetSettingsApiArg = void;
export type PutSettingsApiResponse = /** status 200 OK */ Settings;
export type PutSettingsApiArg = {
    settings: Settings;
};
export type GetVersionApiResponse = /** status 200 OK */ Version;
export type GetVersionApiArg = void;
export type GetOpenapiApiResponse = /** status 200 OK */ object;
export type GetOpenapiApiArg = void;
export type GetHealthApiResponse = /** status 200 OK */ Health;
export type GetHealthApiArg = void;
export type GetReadinessApiResponse = /** status 200 OK */ Readiness;
export type GetReadinessApiArg = void;
export type GetMetricsApiResponse = /** status 200 OK */ string;
export type GetMetricsApiArg = void;
export type GetAuthStateApiResponse = /** status 200 OK */ AuthState;
export type GetAuthStateApiArg = void;
export type SetUpApiResponse = /** status 201 Created */ Me;
export type SetUpApiArg = {
    setUp: SetUp;
};
export type SignInByLinkApiResponse = /** status 200 OK */ Me;
export type SignInByLinkApiArg = {
    linkToken: LinkToken;
};
export type SignInApiResponse = /** status 200 OK */ Me;
export type SignInApiArg = {
    signIn: SignIn;
};
export type RefreshSessionApiResponse = /** status 200 OK */ Tokens;
export type RefreshSessionApiArg = {
    refresh: Refresh;
};
export type IssueTokensApiResponse = /** status 200 OK */ Tokens;
export type IssueTokensApiArg = {
    signIn: SignIn;
};
export type SignOutApiResponse = unknown;
export type SignOutApiArg = void;
export type ForgotPasswordApiResponse = unknown;
export type ForgotPasswordApiArg = {
    forgot: Forgot;
};
export type ResetPasswordApiResponse = unknown;
export type ResetPasswordApiArg = {
    reset: Reset;
};
export type RegisterAccountApiResponse = /** status 201 Created */ Me;
export type RegisterAccountApiArg = {
    register: Register;
};
export type RequestRegistrationApiResponse = unknown;
export type RequestRegistrationApiArg = {
    requestRegistration: RequestRegistration;
};
export type BeginProviderSignInApiResponse = unknown;
export type BeginProviderSignInApiArg = {
    /** The page to come back to, a path of this server. Default: the first page. */
    returnTo?: string;
};
export type FinishProviderSignInApiResponse = unknown;
export type FinishProviderSignInApiArg = void;
export type JoinProviderApiResponse = /** status 200 OK */ ProviderDeparture;
export type JoinProviderApiArg = void;
export type LeaveProviderApiResponse = unknown;
export type LeaveProviderApiArg = void;
export type GetProviderApiResponse = /** status 200 OK */ ProviderSettings;
export type GetProviderApiArg = void;
export type PutProviderApiResponse = /** status 200 OK */ ProviderSettings;
export type PutProviderApiArg = {
    providerChange: ProviderChange;
};
export type GetMeApiResponse = /** status 200 OK */ Me;
export type GetMeApiArg = void;
export type PutMeApiResponse = /** status 200 OK */ Me;
export type PutMeApiArg = {
    profile: Profile;
};
export type ChangePasswordApiResponse = unknown;
export type ChangePasswordApiArg = {
    passwordChange: PasswordChange;
};
export type ConfirmMeApiResponse = unknown;
export type ConfirmMeApiArg = {
    confirmation: Confirmation;
};
export type BeginSecondFactorApiResponse = /** status 200 OK */ Enrolment;
export type BeginSecondFactorApiArg = void;
export type ConfirmSecondFactorApiResponse = /** status 200 OK */ RecoveryCodes;
export type ConfirmSecondFactorApiArg = {
    secondFactorCode: SecondFactorCode;
};
export type RenewRecoveryCodesApiResponse = /** status 200 OK */ RecoveryCodes;
export type RenewRecoveryCodesApiArg = {
    passwordCheck: PasswordCheck;
};
export type DisableSecondFactorApiResponse = unknown;
export type DisableSecondFactorApiArg = {
    passwordCheck: PasswordCheck;
};
export type GetDevicesApiResponse = /** status 200 OK */ Devices;
export type GetDevicesApiArg = void;
export type RevokeDeviceApiResponse = unknown;
export type RevokeDeviceApiArg = {
    /** The session's id. */
    id: string;
};
export type RevokeOtherDevicesApiResponse = unknown;
export type RevokeOtherDevicesApiArg = void;
export type ExportMeApiResponse = /** status 200 OK */ object;
export type ExportMeApiArg = void;
export type EraseMeApiResponse = unknown;
export type EraseMeApiArg = {
    erasureConfirmation: ErasureConfirmation;
};
export type GetKeysApiResponse = /** status 200 OK */ ApiKeys;
export type GetKeysApiArg = void;
export type CreateKeyApiResponse = /** status 201 Created */ IssuedKey;
export type CreateKeyApiArg = {
    newApiKey: NewApiKey;
};
export type RotateKeyApiResponse = /** status 200 OK */ IssuedKey;
export type RotateKeyApiArg = {
    /** Its id. */
    id: number;
    keyRotation: KeyRotation;
};
export type RevokeKeyApiResponse = unknown;
export type RevokeKeyApiArg = {
    /** Its id. */
    id: number;
};
export type GetPeopleApiResponse = /** status 200 OK */ People;
export type GetPeopleApiArg = void;
export type CreatePersonApiResponse = /** status 201 Created */ Person;
export type CreatePersonApiArg = {
    newPerson: NewPerson;
};
export type SetRoleApiResponse = unknown;
export type SetRoleApiArg = {
    /** Its id. */
    id: number;
    roleChange: RoleChange;
};
export type SetActiveApiResponse = unknown;
export type SetActiveApiArg = {
    /** Its id. */
    id: number;
    activeChange: ActiveChange;
};
export type SignPersonOutApiResponse = unknown;
export type SignPersonOutApiArg = {
    /** Its id. */
    id: number;
};
export type SetBreakGlassApiResponse = unknown;
export type SetBreakGlassApiArg = {
    /** Its id. */
    id: number;
    breakGlassChange: BreakGlassChange;
};
export type MakeResetLinkApiResponse = /** status 200 OK */ Link;
export type MakeResetLinkApiArg = {
    /** Its id. */
    id: number;
    resetLinkRequest: ResetLinkRequest;
};
export type TransferPersonApiResponse = unknown;
export type TransferPersonApiArg = {
    /** Its id. */
    id: number;
    transfer: Transfer;
};
export type ExportPersonApiResponse = /** status 200 OK */ object;
export type ExportPersonApiArg = {
    /** Its id. */
    id: number;
};
export type ErasePersonApiResponse = unknown;
export type ErasePersonApiArg = {
    /** Its id. */
    id: number;
    erasureConfirmation: ErasureConfirmation;
};
export type GetInvitationsApiResponse = /** status 200 OK */ Invitations;
export type GetInvitationsApiArg = void;
export type InviteApiResponse = /** status 201 Created */ Link;
export type InviteApiArg = {
    newInvitation: NewInvitation;
};
export type WithdrawInvitationApiResponse = unknown;
export type WithdrawInvitationApiArg = {
    /** Its id. */
    id: number;
};
export type GetTeamsApiResponse = /** status 200 OK */ Teams;
export type GetTeamsApiArg = void;
export type CreateTeamApiResponse = /** status 201 Created */ Team;
export type CreateTeamApiArg = {
    teamChange: TeamChange;
};
export type ChangeTeamApiResponse = unknown;
export type ChangeTeamApiArg = {
    /** Its id. */
    id: number;
    teamChange: TeamChange;
};
export type RemoveTeamApiResponse = unknown;
export type RemoveTeamApiArg = {
    /** Its id. */
    id: number;
};
export type SetTeamMemberApiResponse = unknown;
export type SetTeamMemberApiArg = {
    /** Its id. */
    id: number;
    /** The account's id. */
    account: number;
    membership: Membership;
};
export type RemoveTeamMemberApiResponse = unknown;
export type RemoveTeamMemberApiArg = {
    /** Its id. */
    id: number;
    /** The account's id. */
    account: number;
};
export type GetIdentitiesApiResponse = /** status 200 OK */ Identities;
export type GetIdentitiesApiArg = void;
export type MapIdentityApiResponse = /** status 201 Created */ MappedIdentity;
export type MapIdentityApiArg = {
    newIdentity: NewIdentity;
};
export type UnmapIdentityApiResponse = unknown;
export type UnmapIdentityApiArg = {
    /** Its id. */
    id: number;
};
export type SetProjectOwnerApiResponse = unknown;
export type SetProjectOwnerApiArg = {
    projectOwner: ProjectOwner;
};
export type GetPolicyApiResponse = /** status 200 OK */ Policy;
export type GetPolicyApiArg = void;
export type PutPolicyApiResponse = /** status 200 OK */ Policy;
export type PutPolicyApiArg = {
    policy: Policy;
};
export type GetAuditApiResponse = /** status 200 OK */ Audit;
export type GetAuditApiArg = {
    /** Start of the range. Default: the first row. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** Who: "account:7", "key:3", "system", "anonymous", or a user name. */
    actor?: string;
    /** What: "key.create"; "key." stands for all that begin so. */
    action?: string;
    /** To what: "account:7", "team:2", "policy", … */
    object?: string;
    /** Most rows of a page. */
    limit?: number;
    /** next_cursor of the page before. */
    cursor?: string;
};
export type ExportAuditApiResponse = /** status 200 OK */ string;
export type ExportAuditApiArg = {
    /** Start of the range. Default: the first row. */
    from?: string;
    /** End of the range, exclusive. Default: now. */
    to?: string;
    /** Who: "account:7", "key:3", "system", "anonymous", or a user name. */
    actor?: string;
    /** What: "key.create"; "key." stands for all that begin so. */
    action?: string;
    /** To what: "account:7", "team:2", "policy", … */
    object?: string;
    /** CSV (RFC 4180) or JSON. */
    format?: ExportFormat;
};
export type GetAuditVerdictApiResponse = /** status 200 OK */ AuditVerdict;
export type GetAuditVerdictApiArg = void;
export type GetMailApiResponse = /** status 200 OK */ MailSettings;
export type GetMailApiArg = void;
export type PutMailApiResponse = /** status 200 OK */ MailSettings;
export type PutMailApiArg = {
    mailChange: MailChange;
};
export type TestMailApiResponse = unknown;
export type TestMailApiArg = {
    mailTest: MailTest;
};
export type GetSystemApiResponse = /** status 200 OK */ System;
export type GetSystemApiArg = void;
export type ReloadTlsApiResponse = /** status 200 OK */ System;
export type ReloadTlsApiArg = void;
export type RotateMasterKeyApiResponse = unknown;
export type RotateMasterKeyApiArg = {
    passwordCheck: PasswordCheck;
};
export type GetBackupsApiResponse = /** status 200 OK */ Backups;
export type GetBackupsApiArg = void;
export type MakeBackupApiResponse = unknown;
export type MakeBackupApiArg = void;
export type RestoreBackupApiResponse = unknown;
export type RestoreBackupApiArg = {
    /** The backup's name in getBackups. */
    name: string;
    passwordCheck: PasswordCheck;
};
export type RemoveKeptApiResponse = unknown;
export type RemoveKeptApiArg = void;
export type GetBackupSettingsApiResponse = /** status 200 OK */ BackupSettings;
export type GetBackupSettingsApiArg = void;
export type PutBackupSettingsApiResponse = /** status 200 OK */ BackupSettings;
export type PutBackupSettingsApiArg = {
    backupSettings: BackupSettings;
};
export type Measures = {
    cost: number;
    input_tokens: number;
    output_tokens: number;
    thinking_tokens: number;
    cache_write_tokens: number;
    cache_write_5m_tokens: number;
    cache_write_1h_tokens: number;
    cache_read_tokens: number;
    total_tokens: number;
    requests: number;
    sessions: number;
    web_searches: number;
    incomplete_requests: number;
    unpriced_requests: number;
    unpriced_tokens: number;
    cache_hit_ratio: number | null;
    duration_ms: number;
    average_duration: number | null;
};
export type Burn = {
    cost_per_hour: number;
    tokens_per_minute: number;
    peak_cost_per_hour: number;
    previous_cost_per_hour: number | null;
    window_minutes: number;
};
export type MonthToDate = {
    measures: Measures;
    previous_same_span: Measures;
    projected_cost: number | null;
    from: string;
};
export type Alarm = "normal" | "warning" | "over";
export type OverviewState = {
    today: Alarm | null;
    block: Alarm | null;
    burn: Alarm | null;
};
export type UsageBlock = {
    from: string;
    to: string;
    measures: Measures;
    tokens_per_minute: number | null;
    cost_per_hour: number | null;
    projected_cost: number | null;
    projected_tokens: number | null;
    remaining_minutes: number | null;
    yardstick_tokens: number | null;
    estimate: boolean;
};
export type TopProject = {
    key: string;
    label: string;
    measures: Measures;
    previous_cost: number | null;
};
export type GroupKey = {
    key: string;
    label: string;
};
export type ActiveSession = {
    id: string;
    project: GroupKey;
    branch: string;
    models: string[];
    started: string;
    last_activity: string;
    active: boolean;
    parent_session: string | null;
    version: string;
    entrypoint: string;
    measures: Measures;
    duration_ms: number;
    context_tokens: number | null;
    context_window: number | null;
    subagents: number;
    compactions: number;
    api_errors: number;
    limit_hits: number;
    lines_added: number | null;
    lines_removed: number | null;
    pull_requests: number;
    tokens_per_minute: number;
    cost_per_hour: number;
};
export type NoticeCode =
    | "unpriced_model"
    | "bad_lines"
    | "limit_hit"
    | "cleanup_soon"
    | "new_model"
    | "incomplete_output"
    | "unreadable_source"
    | "cost_spike"
    | "backup_failed";
export type Severity = "info" | "warning" | "error";
export type NoticeParams = {
    model: string | null;
    tokens: number | null;
    count: number | null;
    days: number | null;
    files: number | null;
    kind: string | null;
    resets_at: string | null;
    path: string | null;
    reason: string | null;
    project: string | null;
    ratio: number | null;
};
export type Notice = {
    code: NoticeCode;
    severity: Severity;
    params: NoticeParams;
};
export type Overview = {
    seq: number;
    now: string;
    newest_event: string | null;
    today: Measures;
    yesterday_same_time: Measures;
    week_average_same_time: Measures | null;
    burn: Burn;
    active_sessions: number;
    sessions_today: number;
    sessions_yesterday_same_time: number;
    month: MonthToDate;
    state: OverviewState;
    block: UsageBlock | null;
    top_projects: TopProject[];
    sessions: ActiveSession[];
    notices: Notice[];
    withheld: boolean;
};
export type ProblemItem = {
    path: string;
    message: string;
};
export type Problem = {
    type: string;
    title: string;
    status: number;
    code: string;
    detail: string;
    errors: ProblemItem[];
    request_id: string;
};
export type GroupMeasures = {
    key: string;
    label: string;
    measures: Measures;
};
export type UsageSummary = {
    seq: number;
    from: string;
    to: string;
    tz: string;
    total_input_tokens: number;
    total_output_tokens: number;
    total_thinking_tokens: number;
    total_cache_write_tokens: number;
    total_cache_write_5m_tokens: number;
    total_cache_write_1h_tokens: number;
    total_cache_read_tokens: number;
    total_tokens: number;
    total_cost: number;
    request_count: number;
    session_count: number;
    web_search_count: number;
    incomplete_count: number;
    unpriced_count: number;
    unpriced_tokens: number;
    unpriced_models: string[];
    cache_hit_ratio: number | null;
    average_duration: number | null;
    daily_average: number;
    weekly_trend: number | null;
    monthly_trend: number | null;
    by_project: GroupMeasures[];
    by_model: GroupMeasures[];
    previous: Measures | null;
    previous_from: string | null;
    previous_to: string | null;
    withheld: boolean;
};
export type Compare = "none" | "previous";
export type RequestKind = "main" | "subagent" | "auxiliary";
export type Speed = "standard" | "fast";
export type Metric =
    | "cost"
    | "total_tokens"
    | "input_tokens"
    | "output_tokens"
    | "thinking_tokens"
    | "cache_write_tokens"
    | "cache_read_tokens"
    | "requests"
    | "sessions"
    | "cache_hit_ratio"
    | "average_duration"
    | "cost_per_request"
    | "web_searches"
    | "tool_calls"
    | "tool_errors";
export type Unit = "usd" | "tokens" | "count" | "ratio" | "ms";
export type Bucket = "5m" | "15m" | "1h" | "1d" | "1w" | "1mo" | "1y";
export type SeriesLine = {
    key: string;
    label: string;
    values: (number | null)[];
    total: number | null;
};
export type PreviousLine = {
    values: (number | null)[];
    total: number | null;
};
export type UsageSeries = {
    seq: number;
    metric: Metric;
    unit: Unit;
    bucket: Bucket;
    tz: string;
    buckets: string[];
    ends_at: string;
    series: SeriesLine[];
    other_count: number;
    previous: PreviousLine | null;
    complete_until: string;
    withheld: boolean;
};
export type BucketChoice =
    "auto" | "5m" | "15m" | "1h" | "1d" | "1w" | "1mo" | "1y";
export type Dimension =
    | "none"
    | "project"
    | "model"
    | "branch"
    | "session"
    | "kind"
    | "tool"
    | "version"
    | "entrypoint"
    | "agent"
    | "skill"
    | "plugin"
    | "mcp_server"
    | "effort"
    | "speed"
    | "service_tier"
    | "geo"
    | "member";
export type BreakdownRow = {
    key: string;
    label: string;
    measures: Measures;
    share: number;
    previous_cost: number | null;
    change: number | null;
    trend: number[] | null;
};
export type UsageBreakdown = {
    seq: number;
    rows: BreakdownRow[];
    totals: Measures;
    total_rows: number;
    withheld: boolean;
};
export type Order = "desc" | "asc";
export type UsageHours = {
    seq: number;
    metric: Metric;
    unit: Unit;
    values: (number | null)[][];
    withheld: boolean;
};
export type ToolCalls = {
    name: string;
    calls: number;
};
export type SourceLine = {
    file: string;
    line: number;
};
export type UsageRecord = {
    id: string;
    time: string;
    session_id: string;
    project: string;
    branch: string;
    model: string;
    model_given: string;
    kind: RequestKind;
    agent: string | null;
    input_tokens: number;
    output_tokens: number;
    thinking_tokens: number;
    cache_write_5m_tokens: number;
    cache_write_1h_tokens: number;
    cache_read_tokens: number;
    web_searches: number;
    cost: number | null;
    duration_ms: number | null;
    stop_reason: string | null;
    speed: Speed;
    service_tier: string | null;
    geo: string | null;
    effort: string | null;
    incomplete: boolean;
    message_id: string;
    request_id: string | null;
    tools: ToolCalls[];
    version: string;
    entrypoint: string;
    source: SourceLine | null;
};
export type UsageRecords = {
    records: UsageRecord[];
    next_cursor: string | null;
    withheld: boolean;
};
export type Session = {
    id: string;
    project: GroupKey;
    branch: string;
    models: string[];
    started: string;
    last_activity: string;
    active: boolean;
    parent_session: string | null;
    version: string;
    entrypoint: string;
    measures: Measures;
    duration_ms: number;
    context_tokens: number | null;
    context_window: number | null;
    subagents: number;
    compactions: number;
    api_errors: number;
    limit_hits: number;
    lines_added: number | null;
    lines_removed: number | null;
    pull_requests: number;
};
export type Sessions = {
    seq: number;
    sessions: Session[];
    next_cursor: string | null;
    total: number;
    withheld: boolean;
};
export type SessionSort =
    | "last_activity"
    | "started"
    | "cost"
    | "total_tokens"
    | "requests"
    | "duration";
export type ActiveSessions = {
    seq: number;
    sessions: ActiveSession[];
    withheld: boolean;
};
export type SessionRequest = {
    id: string;
    time: string;
    session_id: string;
    project: string;
    branch: string;
    model: string;
    model_given: string;
    kind: RequestKind;
    agent: string | null;
    input_tokens: number;
    output_tokens: number;
    thinking_tokens: number;
    cache_write_5m_tokens: number;
    cache_write_1h_tokens: number;
    cache_read_tokens: number;
    web_searches: number;
    cost: number | null;
    duration_ms: number | null;
    stop_reason: string | null;
    speed: Speed;
    service_tier: string | null;
    geo: string | null;
    effort: string | null;
    incomplete: boolean;
    message_id: string;
    request_id: string | null;
    tools: ToolCalls[];
    version: string;
    entrypoint: string;
    source: SourceLine | null;
    context_tokens: number;
    cache_miss: boolean;
};
export type SessionEventType =
    "turn" | "compaction" | "api_error" | "limit_hit" | "pull_request";
export type SessionEventDetail = {
    duration_ms: number | null;
    tokens_before: number | null;
    tokens_after: number | null;
    trigger: string | null;
    status: number | null;
    attempt: number | null;
    error: string | null;
    limit: string | null;
    resets_at: string | null;
    number: number | null;
    repository: string | null;
};
export type SessionEvent = {
    time: string;
    type: SessionEventType;
    detail: SessionEventDetail;
};
export type ToolUsage = {
    name: string;
    calls: number;
    errors: number;
};
export type Span = {
    from: string;
    to: string;
};
export type SessionAgent = {
    id: string;
    name: string;
    type: string;
    parent_id: string | null;
    started: string;
    ended: string;
    measures: Measures;
    spans: Span[];
};
export type UnloggedUsage = {
    cost: number;
    input_tokens: number;
    output_tokens: number;
    cache_read_tokens: number;
    cache_write_tokens: number;
};
export type SessionDetail = {
    seq: number;
    session: Session;
    requests: SessionRequest[];
    truncated: boolean;
    events: SessionEvent[];
    tools: ToolUsage[];
    agents: SessionAgent[];
    unlogged: UnloggedUsage | null;
    median_cost: number | null;
};
export type Project = {
    key: string;
    label: string;
    path: string;
    git_remote: string | null;
    first_activity: string;
    last_activity: string;
    measures: Measures;
};
export type Projects = {
    projects: Project[];
    withheld: boolean;
};
export type LimitHit = {
    time: string;
    kind: string;
    resets_at: string | null;
    session_id: string;
};
export type Limits = {
    block: UsageBlock | null;
    hits: LimitHit[];
    withheld: boolean;
};
export type Facets = {
    project: GroupKey[];
    model: GroupKey[];
    branch: GroupKey[];
    session: GroupKey[];
    kind: GroupKey[];
    tool: GroupKey[];
    version: GroupKey[];
    entrypoint: GroupKey[];
    agent: GroupKey[];
    skill: GroupKey[];
    plugin: GroupKey[];
    mcp_server: GroupKey[];
    effort: GroupKey[];
    speed: GroupKey[];
    service_tier: GroupKey[];
    geo: GroupKey[];
    member: GroupKey[];
    withheld: boolean;
};
export type HelloEvent = {
    seq: number;
    now: string;
};
export type UsageDeltaMeasures = {
    cost: number;
    input_tokens: number;
    output_tokens: number;
    thinking_tokens: number;
    cache_write_tokens: number;
    cache_read_tokens: number;
    total_tokens: number;
    requests: number;
    unpriced_requests: number;
};
export type UsageDelta = {
    quarter: string;
    session_id: string;
    project: string;
    model: string;
    branch: string;
    kind: RequestKind;
    member: string;
    measures: UsageDeltaMeasures;
};
export type UsageEvent = {
    seq: number;
    time: string;
    changes: UsageDelta[];
    new_sessions: string[];
};
export type Phase = "starting" | "import" | "ready";
export type ImportProgress = {
    phase: Phase;
    files_done: number;
    files_total: number;
    bytes_done: number;
    bytes_total: number;
};
export type ChangedEvent = {
    seq: number;
};
export type WatchMode = "inotify" | "polling";
export type SourceRoot = {
    path: string;
    exists: boolean;
    files: number;
    bytes: number;
    newest: string | null;
    watch: WatchMode;
    cleanup_period_days: number | null;
};
export type SourceProblem = {
    file: string;
    line: number;
    reason: string;
    time: string;
};
export type Sources = {
    roots: SourceRoot[];
    files: number;
    bytes: number;
    requests: number;
    duplicates: number;
    bad_lines: number;
    incomplete: number;
    scanned_at: string | null;
    oldest_transcript: string | null;
    safe_since: string | null;
    problems: SourceProblem[];
    data_dir: string;
    database_bytes: number;
    schema_version: number;
};
export type PromptTierPrices = {
    input: number;
    output: number;
    cache_write_5m: number;
    cache_write_1h: number;
    cache_read: number;
    above_prompt_tokens: number;
};
export type TokenPrices = {
    input: number;
    output: number;
    cache_write_5m: number;
    cache_write_1h: number;
    cache_read: number;
};
export type PriceRow = {
    input: number;
    output: number;
    cache_write_5m: number;
    cache_write_1h: number;
    cache_read: number;
    from: string;
    until: string | null;
    web_search_per_1000: number;
    tier: PromptTierPrices | null;
    fast: TokenPrices | null;
    batch_multiplier: number;
    us_geo_multiplier: number;
};
export type ModelPrices = {
    id: string;
    family: string;
    label: string;
    aliases: string[];
    rows: PriceRow[];
    overridden: boolean;
    source: string;
    note: string;
};
export type UnknownModel = {
    model: string;
    requests: number;
    tokens: number;
    first_seen: string;
};
export type PriceOverride = {
    model: string;
    input?: number | null;
    output?: number | null;
    cache_write_5m?: number | null;
    cache_write_1h?: number | null;
    cache_read?: number | null;
    like?: string | null;
    multiplier?: number | null;
    from?: string | null;
};
export type Prices = {
    book_version: string;
    models: ModelPrices[];
    unknown_models: UnknownModel[];
    overrides: PriceOverride[];
};
export type ModelCostChange = {
    model: string;
    before: number;
    after: number;
};
export type Repricing = {
    repriced_requests: number;
    cost_before: number;
    cost_after: number;
    changed_models: ModelCostChange[];
    withheld: boolean;
};
export type PriceOverrides = {
    overrides: PriceOverride[];
};
export type ExchangeRate = {
    rate: number;
    as_of: string;
};
export type Language = "auto" | "zh-CN" | "en";
export type Theme = "auto" | "light" | "dark";
export type Settings = {
    time_zone: string | null;
    week_start: number;
    currency: string;
    exchange_rate: ExchangeRate | null;
    language: Language;
    theme: Theme;
};
export type Version = {
    version: string;
    commit: string;
    started_at: string;
    demo: boolean;
};
export type Health = {
    status: string;
};
export type Readiness = {
    ready: boolean;
    progress: ImportProgress;
};
export type Registration = "off" | "invite" | "domains";
export type SignInProvider = {
    name: string;
};
export type Role = "user" | "admin" | "enterprise";
export type TeamRef = {
    id: number;
    name: string;
};
export type Right =
    | "public"
    | "signed_in"
    | "own_security"
    | "own_account"
    | "read"
    | "ingest"
    | "manage_team"
    | "manage_all"
    | "manage_secrets";
export type PrivacyMode = "names" | "pseudonyms" | "totals";
export type Me = {
    id: number;
    username: string;
    display_name: string;
    email: string | null;
    role: Role;
    must_enrol: boolean;
    second_factor: boolean;
    has_password: boolean;
    by_provider: boolean;
    recovery_codes_left: number;
    created_at: string;
    last_seen: string | null;
    managed_teams: TeamRef[];
    teams: TeamRef[];
    rights: Right[];
    privacy: PrivacyMode;
    minimum_people: number;
};
export type AuthState = {
    open: boolean;
    setup_required: boolean;
    loopback: boolean;
    registration: Registration;
    provider: SignInProvider | null;
    provider_only: boolean;
    mail: boolean;
    me: Me | null;
};
export type SetUp = {
    token: string;
    username: string;
    display_name: string;
    password?: string | null;
};
export type LinkToken = {
    token: string;
};
export type SignIn = {
    name: string;
    password: string;
    code?: string | null;
    trusted?: boolean | null;
};
export type Tokens = {
    access_token: string;
    expires_in: number;
    refresh_token: string | null;
};
export type Refresh = {
    refresh_token: string;
};
export type Forgot = {
    name: string;
    language?: Language | null;
};
export type Reset = {
    token: string;
    password: string;
};
export type Register = {
    token: string;
    username: string;
    display_name: string;
    password: string;
};
export type RequestRegistration = {
    email: string;
    language?: Language | null;
};
export type ProviderDeparture = {
    url: string;
};
export type ProviderGroupRole = {
    group: string;
    role: Role;
};
export type ProviderGroupTeam = {
    group: string;
    team: number;
};
export type ProviderSettings = {
    enabled: boolean;
    name: string;
    issuer: string;
    client_id: string;
    has_client_secret: boolean;
    scopes: string[];
    create_accounts: boolean;
    mail_domains: string[];
    groups_claim: string;
    roles: ProviderGroupRole[];
    teams: ProviderGroupTeam[];
    required_acr: string;
    required_amr: string;
    redirect_uri: string;
};
export type ProviderChange = {
    enabled: boolean;
    name: string;
    issuer: string;
    client_id: string;
    client_secret?: string | null;
    scopes: string[];
    create_accounts: boolean;
    mail_domains: string[];
    groups_claim: string;
    roles: ProviderGroupRole[];
    teams: ProviderGroupTeam[];
    required_acr?: string | null;
    required_amr?: string | null;
};
export type Profile = {
    display_name: string;
    email: string;
};
export type PasswordChange = {
    current: string;
    fresh: string;
};
export type Confirmation = {
    password: string;
    code?: string | null;
};
export type Enrolment = {
    secret: string;
    uri: string;
};
export type RecoveryCodes = {
    codes: string[];
};
export type SecondFactorCode = {
    code: string;
};
export type PasswordCheck = {
    password: string;
};
export type Device = {
    id: string;
    address: string;
    agent: string;
    created_at: string;
    last_used: string;
    expires_at: string;
    trusted: boolean;
    current: boolean;
};
export type Devices = {
    sessions: Device[];
};
export type ErasureConfirmation = {
    username: string;
};
export type AccountRef = {
    id: number;
    username: string;
};
export type KeyScope = "ingest" | "read" | "manage";
export type ApiKey = {
    id: number;
    name: string;
    hint: string;
    account: AccountRef;
    scopes: KeyScope[];
    teams: TeamRef[];
    projects: string[];
    created_at: string;
    expires_at: string | null;
    last_used: string | null;
    revoked_at: string | null;
    rotated_from: number | null;
};
export type ApiKeys = {
    keys: ApiKey[];
};
export type IssuedKey = {
    text: string;
    key: ApiKey;
};
export type NewApiKey = {
    name: string;
    scopes: KeyScope[];
    teams: number[];
    projects: string[];
    expires_at?: string | null;
};
export type KeyRotation = {
    overlap_hours: number;
};
export type AccountState = "active" | "deactivated" | "erased";
export type IdentityKind =
    "os_user" | "mail" | "machine" | "account_id" | "otel_attribute";
export type PersonIdentity = {
    id: number;
    kind: IdentityKind;
    value: string;
};
export type Person = {
    id: number;
    username: string;
    display_name: string;
    email: string | null;
    role: Role;
    state: AccountState;
    second_factor: boolean;
    by_provider: boolean;
    break_glass: boolean;
    created_at: string;
    last_seen: string | null;
    teams: TeamRef[];
    identities: PersonIdentity[];
    manageable: boolean;
};
export type People = {
    people: Person[];
};
export type NewPerson = {
    username: string;
    display_name: string;
    password?: string | null;
    role: Role;
};
export type RoleChange = {
    role: Role;
};
export type ActiveChange = {
    active: boolean;
};
export type BreakGlassChange = {
    on: boolean;
};
export type Link = {
    url_path: string;
    expires_at: string;
};
export type ResetLinkRequest = {
    remove_second_factor: boolean;
};
export type Transfer = {
    to: number;
};
export type Invitation = {
    id: number;
    role: Role;
    team: TeamRef | null;
    created_at: string;
    expires_at: string;
};
export type Invitations = {
    invitations: Invitation[];
};
export type NewInvitation = {
    role: Role;
    team?: number | null;
    email?: string | null;
    language?: Language | null;
};
export type TeamMember = {
    account: number;
    username: string;
    display_name: string;
    manages: boolean;
};
export type Team = {
    id: number;
    parent: number | null;
    name: string;
    members: TeamMember[];
};
export type Teams = {
    teams: Team[];
};
export type TeamChange = {
    name: string;
    parent?: number | null;
};
export type Membership = {
    manages: boolean;
};
export type MappedIdentity = {
    id: number;
    kind: IdentityKind;
    value: string;
    account: number;
    username: string;
};
export type UnassignedMember = {
    member: string;
    requests: number | null;
    tokens: number | null;
    cost_usd: number | null;
    last_activity: string | null;
};
export type Identities = {
    identities: MappedIdentity[];
    unassigned: UnassignedMember[];
};
export type NewIdentity = {
    kind: IdentityKind;
    value: string;
    account: number;
};
export type ProjectOwner = {
    project: string;
    account?: number | null;
};
export type Policy = {
    registration: Registration;
    domains: string[];
    require_2fa_user: boolean;
    require_2fa_admin: boolean;
    require_2fa_enterprise: boolean;
    provider_only: boolean;
    privacy: PrivacyMode;
    minimum_people: number;
    audit_days: number;
    session_days: number;
    idle_days: number;
};
export type AuditLine = {
    seq: number;
    time: string;
    actor: string;
    actor_name: string;
    action: string;
    object: string;
    before: string;
    after: string;
    remote: string;
    request_id: string;
};
export type Audit = {
    rows: AuditLine[];
    next_cursor: string | null;
};
export type ExportFormat = "csv" | "json";
export type AuditVerdict = {
    intact: boolean;
    rows: number;
    bad_seq: number;
    reason: string;
};
export type MailSecurity = "tls" | "starttls" | "plain";
export type MailFailure = {
    time: string;
    reason: string;
};
export type MailSettings = {
    enabled: boolean;
    host: string;
    port: number;
    security: MailSecurity;
    user: string;
    has_password: boolean;
    from_address: string;
    from_name: string;
    address: string;
    waiting: number;
    sent: number;
    last_sent: string | null;
    last_failure: MailFailure | null;
};
export type MailChange = {
    enabled: boolean;
    host: string;
    port: number;
    security: MailSecurity;
    user: string;
    password?: string | null;
    from_address: string;
    from_name: string;
};
export type MailTest = {
    to: string;
    language?: Language | null;
};
export type TlsState = {
    on: boolean;
    fingerprint: string;
    names: string[];
    not_after: string;
    days_left: number;
    self_signed: boolean;
};
export type MasterKeySource = "file" | "environment" | "command";
export type MasterKeyUse = {
    id: string;
    values: number;
    backups: number | null;
};
export type MasterKeyChange = {
    begun_at: string;
    total: number;
    left: number;
};
export type MasterKey = {
    source: MasterKeySource;
    keys: MasterKeyUse[];
    change: MasterKeyChange | null;
    problem: string | null;
};
export type System = {
    listen: string[];
    tls: TlsState | null;
    master_key: MasterKey;
    data_dir_bytes: number;
    database_bytes: number;
    accounts_bytes: number;
    disk_free_bytes: number;
    signed_in: number;
    streams: number;
    uptime_seconds: number;
};
export type BackupKind = "scheduled" | "manual";
export type Backup = {
    name: string;
    made_at: string;
    bytes: number;
    kind: BackupKind;
    verified_at: string | null;
    problem: string | null;
};
export type RestoreStep = "backup" | "check" | "restart";
export type Restoring = {
    name: string;
    step: RestoreStep;
    share: number;
};
export type Backups = {
    backups: Backup[];
    running: boolean;
    last_problem: string | null;
    restoring: Restoring | null;
    restore_problem: string | null;
    kept_bytes: number;
};
export type BackupSettings = {
    enabled: boolean;
    hour: number;
    keep_daily: number;
    keep_weekly: number;
    keep_monthly: number;
};
export const {
    useGetOverviewQuery,
    useGetUsageSummaryQuery,
    useGetUsageSeriesQuery,
    useGetUsageBreakdownQuery,
    useGetUsageHoursQuery,
    useGetUsageRecordsQuery,
    useGetSessionsQuery,
    useGetActiveSessionsQuery,
    useGetSessionQuery,
    useGetProjectsQuery,
    useGetLimitsQuery,
    useGetFacetsQuery,
    useGetStreamQuery,
    useGetSourcesQuery,
    useGetPricesQuery,
    usePutPriceOverridesMutation,
    useGetSettingsQuery,
    usePutSettingsMutation,
    useGetVersionQuery,
    useGetOpenapiQuery,
    useGetHealthQuery,
    useGetReadinessQuery,
    useGetMetricsQuery,
    useGetAuthStateQuery,
    useSetUpMutation,
    useSignInByLinkMutation,
    useSignInMutation,
    useRefreshSessionMutation,
    useIssueTokensMutation,
    useSignOutMutation,
    useForgotPasswordMutation,
    useResetPasswordMutation,
    useRegisterAccountMutation,
    useRequestRegistrationMutation,
    useBeginProviderSignInQuery,
    useFinishProviderSignInQuery,
    useJoinProviderMutation,
    useLeaveProviderMutation,
    useGetProviderQuery,
    usePutProviderMutation,
    useGetMeQuery,
    usePutMeMutation,
    useChangePasswordMutation,
    useConfirmMeMutation,
    useBeginSecondFactorMutation,
    useConfirmSecondFactorMutation,
    useRenewRecoveryCodesMutation,
    useDisableSecondFactorMutation,
    useGetDevicesQuery,
    useRevokeDeviceMutation,
    useRevokeOtherDevicesMutation,
    useExportMeQuery,
    useEraseMeMutation,
    useGetKeysQuery,
    useCreateKeyMutation,
    useRotateKeyMutation,
    useRevokeKeyMutation,
    useGetPeopleQuery,
    useCreatePersonMutation,
    useSetRoleMutation,
    useSetActiveMutation,
    useSignPersonOutMutation,
    useSetBreakGlassMutation,
    useMakeResetLinkMutation,
    useTransferPersonMutation,
    useExportPersonQuery,
    useErasePersonMutation,
    useGetInvitationsQuery,
    useInviteMutation,
    useWithdrawInvitationMutation,
    useGetTeamsQuery,
    useCreateTeamMutation,
    useChangeTeamMutation,
    useRemoveTeamMutation,
    useSetTeamMemberMutation,
    useRemoveTeamMemberMutation,
    useGetIdentitiesQuery,
    useMapIdentityMutation,
    useUnmapIdentityMutation,
    useSetProjectOwnerMutation,
    useGetPolicyQuery,
    usePutPolicyMutation,
    useGetAuditQuery,
    useExportAuditQuery,
    useGetAuditVerdictQuery,
    useGetMailQuery,
    usePutMailMutation,
    useTestMailMutation,
    useGetSystemQuery,
    useReloadTlsMutation,
    useRotateMasterKeyMutation,
    useGetBackupsQuery,
    useMakeBackupMutation,
    useRestoreBackupMutation,
    useRemoveKeptMutation,
    useGetBackupSettingsQuery,
    usePutBackupSettingsMutation,
} = injectedRtkApi;
