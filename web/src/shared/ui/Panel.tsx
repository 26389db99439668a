import type { ReactNode } from 'react';
import { useId } from 'react';

interface PanelProps {
    title: ReactNode;
    /** A quiet word beside the title: what is counted, over which time. */
    sub?: ReactNode;
    /** Right end of the head: links, switches, menus. */
    actions?: ReactNode;
    className?: string;
    /** What it shows is about to be replaced. */
    busy?: boolean;
    children: ReactNode;
}

export function Panel({ title, sub, actions, className, busy, children }: PanelProps) {
    const id = useId();
    return (
        <section
            className={className ? `panel ${className}` : 'panel'}
            aria-labelledby={id}
            aria-busy={busy}
        >
            <div className="panel-head">
                <h2 id={id}>{title}</h2>
                {sub ? <span className="panel-sub">{sub}</span> : null}
                {actions ? <div className="panel-actions">{actions}</div> : null}
            </div>
            {children}
        </section>
    );
}
