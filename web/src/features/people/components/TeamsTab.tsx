/** The teams as a tree, and the one that is looked at with its members. */
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PersonName, shownName } from '@/features/people/components/PersonName';
import { TeamDialog } from '@/features/people/components/TeamDialog';
import { teamTree } from '@/features/people/lib/tree';
import { useAccess } from '@/shared/api/access';
import {
    useGetPeopleQuery,
    useGetTeamsQuery,
    useRemoveTeamMemberMutation,
    useRemoveTeamMutation,
    useSetTeamMemberMutation,
} from '@/shared/api/generated';
import type { Team } from '@/shared/api/model';
import { usePreferences } from '@/shared/lib/format';
import { useUrlText } from '@/shared/lib/urlState';
import { Confirm } from '@/shared/ui/Confirm';
import { CheckField, FormFault } from '@/shared/ui/Field';
import { useFaults } from '@/shared/ui/faults';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { EmptyState, ErrorPanel } from '@/shared/ui/States';

const INDENT = 20;

export function TeamsTab() {
    const { t } = useTranslation('people');
    const { language } = usePreferences();
    const { may } = useAccess();
    const { data, error, refetch } = useGetTeamsQuery();
    const [chosen, setChosen] = useUrlText('team');
    const [dialog, setDialog] = useState<'new' | 'change' | 'remove' | null>(null);
    const [remove] = useRemoveTeamMutation();
    const teams = data?.teams ?? [];
    const nodes = teamTree(teams, language);
    const team = teams.find((one) => String(one.id) === chosen) ?? nodes[0]?.team;
    const all = may('manage_all');
    const add = all ? (
        <button type="button" className="button button-small" onClick={() => setDialog('new')}>
            {t('team.new')}
        </button>
    ) : null;
    const close = () => setDialog(null);
    if (!data) {
        return (
            <Panel title={t('tab.teams')}>
                {error ? <ErrorPanel error={error} onRetry={refetch} /> : <SkeletonRows rows={5} />}
            </Panel>
        );
    }
    return (
        <>
            {team ? (
                <div className="teams">
                    <Panel title={t('tab.teams')} actions={add}>
                        <ul className="team-list">
                            {nodes.map(({ team: one, depth }) => (
                                <li key={one.id}>
                                    <button
                                        type="button"
                                        className="team-item"
                                        style={{ paddingLeft: 10 + depth * INDENT }}
                                        aria-pressed={one.id === team.id}
                                        onClick={() => setChosen(String(one.id))}
                                    >
                                        <span>{one.name}</span>
                                        <span>
                                            {t('team.count', { count: one.members.length })}
                                        </span>
                                    </button>
                                </li>
                            ))}
                        </ul>
                    </Panel>
                    <Members
                        key={team.id}
                        team={team}
                        all={all}
                        onChange={() => setDialog('change')}
                        onRemove={() => setDialog('remove')}
                    />
                </div>
            ) : (
                <Panel title={t('tab.teams')}>
                    <EmptyState
                        title={t('team.none')}
                        text={all ? t('team.none_text') : t('team.none_yours')}
                        action={add}
                    />
                </Panel>
            )}
            {dialog === 'new' ? <TeamDialog teams={teams} team={null} onClose={close} /> : null}
            {dialog === 'change' && team ? (
                <TeamDialog teams={teams} team={team} onClose={close} />
            ) : null}
            {dialog === 'remove' && team ? (
                <Confirm
                    title={t('team.remove_title', { name: team.name })}
                    action={t('team.remove')}
                    danger
                    blocked={teams.some((one) => one.parent === team.id)}
                    onConfirm={() => remove({ id: team.id }).unwrap()}
                    onClose={close}
                >
                    <p>
                        {teams.some((one) => one.parent === team.id)
                            ? t('team.has_below')
                            : t('team.remove_text', { count: team.members.length })}
                    </p>
                </Confirm>
            ) : null}
        </>
    );
}

interface MembersProps {
    team: Team;
    all: boolean;
    onChange: () => void;
    onRemove: () => void;
}

function Members({ team, all, onChange, onRemove }: MembersProps) {
    const { t } = useTranslation('people');
    const people = useGetPeopleQuery().data?.people ?? [];
    const [setMember, setting] = useSetTeamMemberMutation();
    const [removeMember, removing] = useRemoveTeamMemberMutation();
    const faults = useFaults()(setting.error ?? removing.error, []);
    const inside = new Set(team.members.map((member) => member.account));
    const outside = people.filter((one) => !inside.has(one.id) && one.state === 'active');
    const busy = setting.isLoading || removing.isLoading;
    const set = (account: number, manages: boolean) =>
        void setMember({ id: team.id, account, membership: { manages } });
    return (
        <Panel
            title={team.name}
            sub={t('team.count', { count: team.members.length })}
            actions={
                all ? (
                    <>
                        <button
                            type="button"
                            className="button button-quiet button-small"
                            onClick={onChange}
                        >
                            {t('team.change')}
                        </button>
                        <button
                            type="button"
                            className="button button-quiet button-small button-danger"
                            onClick={onRemove}
                        >
                            {t('team.remove')}
                        </button>
                    </>
                ) : null
            }
        >
            <div className="member-add">
                <Select
                    aria-label={t('team.add')}
                    placeholder={t('team.add')}
                    showSearch={{ optionFilterProp: 'label' }}
                    options={outside.map((one) => ({ value: one.id, label: shownName(one) }))}
                    value={null}
                    disabled={busy}
                    onChange={(account: number | null) => {
                        if (account !== null) set(account, false);
                    }}
                />
            </div>
            <FormFault text={faults.rest} />
            {team.members.length > 0 ? (
                <ul className="member-list">
                    {team.members.map((member) => (
                        <li key={member.account}>
                            <PersonName person={member} />
                            {all ? (
                                <CheckField
                                    label={t('team.manages')}
                                    checked={member.manages}
                                    disabled={busy}
                                    onChange={(checked) => set(member.account, checked)}
                                />
                            ) : member.manages ? (
                                <span className="tag">{t('team.manages')}</span>
                            ) : null}
                            <button
                                type="button"
                                className="button button-quiet button-small"
                                disabled={busy}
                                aria-label={t('team.take_out_of', { name: shownName(member) })}
                                onClick={() =>
                                    void removeMember({ id: team.id, account: member.account })
                                }
                            >
                                {t('team.take_out')}
                            </button>
                        </li>
                    ))}
                </ul>
            ) : (
                <EmptyState title={t('team.empty')} text={t('team.empty_text')} />
            )}
        </Panel>
    );
}
