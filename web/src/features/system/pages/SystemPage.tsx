import { useTranslation } from 'react-i18next';
import { BackupsTab } from '@/features/system/components/BackupsTab';
import { MailTab } from '@/features/system/components/MailTab';
import { PolicyTab } from '@/features/system/components/PolicyTab';
import { ProviderPanel } from '@/features/system/components/ProviderPanel';
import { ServerTab } from '@/features/system/components/ServerTab';
import { useUrlChoice } from '@/shared/lib/urlState';
import { AntProvider } from '@/shared/ui/AntProvider';
import { PageHeader } from '@/shared/ui/PageHeader';
import { PageTabs } from '@/shared/ui/PageTabs';
import '@/features/system/system.css';

const TABS = ['server', 'policy', 'mail', 'backups'] as const;

export default function SystemPage() {
    const { t } = useTranslation('system');
    const [tab, setTab] = useUrlChoice('tab', TABS, 'server');
    return (
        <AntProvider>
            <div className="page system">
                <PageHeader title={t('title')} />
                <PageTabs
                    name={t('tabs')}
                    options={TABS.map((value) => ({ value, label: t(`tab.${value}`) }))}
                    value={tab}
                    onChange={setTab}
                />
                {tab === 'server' ? <ServerTab /> : null}
                {tab === 'policy' ? (
                    <div className="stack">
                        <PolicyTab />
                        <ProviderPanel />
                    </div>
                ) : null}
                {tab === 'mail' ? <MailTab /> : null}
                {tab === 'backups' ? <BackupsTab /> : null}
            </div>
        </AntProvider>
    );
}
