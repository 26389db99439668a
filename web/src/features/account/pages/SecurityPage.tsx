/** How I sign in: second factor, password, provider, devices. */
import { useTranslation } from 'react-i18next';
import { DevicesPanel } from '@/features/account/components/DevicesPanel';
import { MyState } from '@/features/account/components/MyState';
import { PasswordPanel } from '@/features/account/components/PasswordPanel';
import { ProofDialog } from '@/features/account/components/ProofDialog';
import { ProviderPanel } from '@/features/account/components/ProviderPanel';
import { SecondFactorPanel } from '@/features/account/components/SecondFactorPanel';
import { useAccess } from '@/shared/api/access';
import { useGetAuthStateQuery } from '@/shared/api/generated';
import { AntProvider } from '@/shared/ui/AntProvider';
import { PageHeader } from '@/shared/ui/PageHeader';
import '@/features/account/account.css';

export default function SecurityPage() {
    const { t } = useTranslation('account');
    const { me } = useAccess();
    const state = useGetAuthStateQuery();
    return (
        <AntProvider>
            <div className="page account">
                <PageHeader title={t('security.title')} />
                {me ? (
                    <div className="stack">
                        {me.must_enrol ? (
                            <p className="banner banner-warning" role="status">
                                {t('security.must_enrol')}
                            </p>
                        ) : null}
                        <SecondFactorPanel me={me} />
                        <PasswordPanel me={me} />
                        {state.data?.provider ? (
                            <ProviderPanel
                                me={me}
                                name={state.data.provider.name}
                                only={state.data.provider_only}
                            />
                        ) : null}
                        <DevicesPanel />
                    </div>
                ) : (
                    <MyState query={state} />
                )}
            </div>
            <ProofDialog />
        </AntProvider>
    );
}
