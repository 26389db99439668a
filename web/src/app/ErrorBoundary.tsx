import type { ReactNode } from 'react';
import { Component } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/shared/ui/States';

interface Props {
    children: ReactNode;
    /** A new value forgets the failure: the address, so that leaving a broken page mends it. */
    resetKey?: string;
}

interface State {
    failed: boolean;
    key: string | undefined;
}

/** A page that breaks says so and offers to load again; the rest of the shell stays usable. */
export class ErrorBoundary extends Component<Props, State> {
    override state: State = { failed: false, key: this.props.resetKey };

    static getDerivedStateFromError(): Partial<State> {
        return { failed: true };
    }

    static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
        return props.resetKey === state.key ? null : { failed: false, key: props.resetKey };
    }

    override render(): ReactNode {
        return this.state.failed ? <Broken /> : this.props.children;
    }
}

function Broken() {
    const { t } = useTranslation('common');
    return (
        <div className="page" role="alert">
            <EmptyState
                title={t('broken.title')}
                text={t('broken.text')}
                action={
                    <button
                        type="button"
                        className="button button-primary"
                        onClick={() => location.reload()}
                    >
                        {t('broken.reload')}
                    </button>
                }
            />
        </div>
    );
}
