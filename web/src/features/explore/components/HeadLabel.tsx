import { Caret } from '@/shared/ui/Popover';

/** A word on wide screens, its sign on a phone, where the head has one line. */
export function HeadLabel({ icon, text }: { icon: 'down' | 'mark'; text: string }) {
    return (
        <>
            <span className="explore-head-label wide-only">
                {text} <Caret />
            </span>
            <svg
                className="phone-only"
                width="16"
                height="16"
                viewBox="0 0 16 16"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.4"
                strokeLinecap="round"
                strokeLinejoin="round"
                aria-hidden="true"
            >
                {icon === 'down' ? (
                    <path d="M8 2.5v8m0 0L5 7.6m3 2.9 3-2.9M3 13.500h10" />
                ) : (
                    <path d="M4.500 2.500h7v11L8 10.800l-3.500 2.700z" />
                )}
            </svg>
        </>
    );
}
