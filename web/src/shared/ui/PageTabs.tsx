import type { Option } from '@/shared/ui/Choice';
import { Choice } from '@/shared/ui/Choice';

interface PageTabsProps<T extends string> {
    /** Spoken name of the row. */
    name: string;
    options: readonly Option<T>[];
    value: T;
    onChange: (value: T) => void;
}

/** The parts of a page, under its head; scrolls where it is too wide. */
export function PageTabs<T extends string>(props: PageTabsProps<T>) {
    return (
        <div className="page-tabs">
            <Choice {...props} />
        </div>
    );
}
