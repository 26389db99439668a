/** A panel with the form of a service that Tidemark uses: its fields, what is wrong with them, the button, how it went. */
import type { ReactNode } from 'react';
import { FormFault } from '@/shared/ui/Field';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

interface ServiceFormProps {
    title: string;
    sub?: string;
    children: ReactNode;
    fault: string | null;
    /** The button's word. */
    action: string;
    /** A trial rather than what the panel is for. */
    secondary?: boolean;
    disabled: boolean;
    /** What was done. */
    done?: string | null;
    onSubmit: () => void;
}

export function ServiceForm(props: ServiceFormProps) {
    return (
        <Panel title={props.title} sub={props.sub}>
            <form
                className="form service-form"
                onSubmit={(event) => {
                    event.preventDefault();
                    props.onSubmit();
                }}
            >
                {props.children}
                <FormFault text={props.fault} />
                <div className="form-foot">
                    <button
                        type="submit"
                        className={props.secondary ? 'button' : 'button button-primary'}
                        disabled={props.disabled}
                    >
                        {props.action}
                    </button>
                    <span className="form-hint" role="status">
                        {props.done}
                    </span>
                </div>
            </form>
        </Panel>
    );
}

interface ServiceAwaitedProps {
    title: string;
    error: unknown;
    onRetry: () => void;
}

/** Stands in until it is known what was entered. */
export function ServiceAwaited({ title, error, onRetry }: ServiceAwaitedProps) {
    return (
        <Panel title={title}>
            {error ? <ErrorPanel error={error} onRetry={onRetry} /> : <SkeletonRows rows={6} />}
        </Panel>
    );
}
