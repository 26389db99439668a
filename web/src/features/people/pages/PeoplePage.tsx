/** People, teams, whose usage is whose, invitations. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AddPersonDialog } from '@/features/people/components/AddPersonDialog';
import { IdentitiesTab } from '@/features/people/components/IdentitiesTab';
import { InvitationsTab } from '@/features/people/components/InvitationsTab';
import { LinkDialog } from '@/features/people/components/LinkDialog';
import { PeopleTab } from '@/features/people/components/PeopleTab';
import { TeamsTab } from '@/features/people/components/TeamsTab';
import { sumUnassigned } from '@/features/people/lib/unassigned';
import { useAccess } from '@/shared/api/access';
import { useGetIdentitiesQuery } from '@/shared/api/generated';
import type { OneTimeLink } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useUrlChoice } from '@/shared/lib/urlState';
import { AntProvider } from '@/shared/ui/AntProvider';
import { PageHeader } from '@/shared/ui/PageHeader';
import { PageTabs } from '@/shared/ui/PageTabs';
import '@/features/people/people.css';

const TABS = ['people', 'teams', 'identities', 'invitations'] as const;

export default function PeoplePage() {
    const { t } = useTranslation('people');
    const { may } = useAccess();
    const [tab, setTab] = useUrlChoice('tab', TABS, 'people');
    const [adding, setAdding] = useState(false);
    const [made, setMade] = useState<{
        link: OneTimeLink;
        what: 'invited' | 'mailed' | 'created';
    } | null>(null);
    const add = (
        <button
            type="button"
            className="button button-small button-primary"
            onClick={() => setAdding(true)}
        >
            {t('add.title')}
        </button>
    );
    return (
        <AntProvider>
            <div className="page">
                <PageHeader title={t('title')} />
                <PageTabs
                    name={t('tabs')}
                    options={TABS.map((value) => ({ value, label: t(`tab.${value}`) }))}
                    value={tab}
                    onChange={setTab}
                />
                {tab === 'identities' ? null : <UnassignedBanner />}
                {tab === 'people' ? <PeopleTab add={add} /> : null}
                {tab === 'teams' ? <TeamsTab /> : null}
                {tab === 'identities' ? <IdentitiesTab /> : null}
                {tab === 'invitations' ? <InvitationsTab add={add} /> : null}
                {adding ? (
                    <AddPersonDialog
                        all={may('manage_all')}
                        onLink={(link, what) => {
                            setAdding(false);
                            setMade({ link, what });
                        }}
                        onClose={() => setAdding(false)}
                    />
                ) : null}
                {made ? (
                    <LinkDialog
                        title={t(`link.${made.what}`)}
                        text={t(`link.${made.what}_text`)}
                        link={made.link}
                        onClose={() => setMade(null)}
                    />
                ) : null}
            </div>
        </AntProvider>
    );
}

/** Usage that is nobody's is seen on every tab. */
function UnassignedBanner() {
    const { t } = useTranslation('people');
    const format = useFormat();
    const { data } = useGetIdentitiesQuery();
    if (!data || data.unassigned.length === 0) return null;
    const sum = sumUnassigned(data.unassigned);
    return (
        <p className="banner banner-warning people-unassigned">
            <span>
                {sum.usage
                    ? t('unassigned.banner', {
                          count: sum.members,
                          tokens: format.tokens(sum.usage.tokens),
                          cost: format.money(sum.usage.cost),
                      })
                    : t('unassigned.names', { count: sum.members })}
            </span>
            <Link className="link-button" to="/people?tab=identities">
                {t('unassigned.go')}
            </Link>
        </p>
    );
}
