import { useTranslation } from 'react-i18next';
import { AboutTab } from '@/features/settings/components/AboutTab';
import { GeneralTab } from '@/features/settings/components/GeneralTab';
import { PricesTab } from '@/features/settings/components/PricesTab';
import { SourcesTab } from '@/features/settings/components/SourcesTab';
import { useUrlChoice } from '@/shared/lib/urlState';
import { AntProvider } from '@/shared/ui/AntProvider';
import { PageHeader } from '@/shared/ui/PageHeader';
import { PageTabs } from '@/shared/ui/PageTabs';
import '@/features/settings/settings.css';

const TABS = ['general', 'prices', 'sources', 'about'] as const;

export default function SettingsPage() {
    const { t } = useTranslation('settings');
    const [tab, setTab] = useUrlChoice('tab', TABS, 'general');
    return (
        <AntProvider>
            <div className="page settings">
                <PageHeader title={t('title')} />
                <PageTabs
                    name={t('tabs')}
                    options={TABS.map((value) => ({ value, label: t(`tab.${value}`) }))}
                    value={tab}
                    onChange={setTab}
                />
                {tab === 'general' ? <GeneralTab /> : null}
                {tab === 'prices' ? <PricesTab /> : null}
                {tab === 'sources' ? <SourcesTab /> : null}
                {tab === 'about' ? <AboutTab /> : null}
            </div>
        </AntProvider>
    );
}
