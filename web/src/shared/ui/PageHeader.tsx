import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { ShellActions } from '@/shared/ui/ShellActions';

interface PageHeaderProps {
    /** Also the browser tab's title. */
    title: string;
    /** Shown in place of the title, e.g. with breadcrumbs. */
    heading?: ReactNode;
    /** Beside the title: range, state. */
    children?: ReactNode;
    /** Right end. */
    end?: ReactNode;
}

export function PageHeader({ title, heading, children, end }: PageHeaderProps) {
    useEffect(() => {
        document.title = `${title} · Tidemark`;
    }, [title]);
    return (
        <header className="page-head">
            <h1>{heading ?? title}</h1>
            {children}
            <div className="page-head-end">
                {end}
                <ShellActions />
            </div>
        </header>
    );
}
