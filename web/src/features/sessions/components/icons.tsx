/** Small marks of the list; decoration beside a word or a number. */
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
    return (
        <svg
            className="mark-icon"
            width="14"
            height="14"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
            strokeLinejoin="round"
            aria-hidden="true"
        >
            {children}
        </svg>
    );
}

export const MARK_ICONS = {
    fork: (
        <Icon>
            <circle cx="4.5" cy="3.500" r="1.500" />
            <circle cx="11.5" cy="3.500" r="1.500" />
            <circle cx="8" cy="12.500" r="1.500" />
            <path d="M4.500 5v1.500a2 2 0 0 0 2 2h3a2 2 0 0 0 2-2V5M8 8.500V11" />
        </Icon>
    ),
    subagents: (
        <Icon>
            <rect x="6" y="2" width="4" height="4" rx="1" />
            <rect x="2" y="10" width="4" height="4" rx="1" />
            <rect x="10" y="10" width="4" height="4" rx="1" />
            <path d="M8 6v2M4 10V8h8v2" />
        </Icon>
    ),
    compactions: (
        <Icon>
            <path d="M3 8h10M8 1.500v4M6 3.800l2 2 2-2M8 14.500v-4M6 12.200l2-2 2 2" />
        </Icon>
    ),
    api_errors: (
        <Icon>
            <path d="M8 2.200 14.200 13H1.800zM8 6.500v3M8 11.300v.1" />
        </Icon>
    ),
    limit_hits: (
        <Icon>
            <path d="M2.500 11.500a6 6 0 1 1 11 0M8 10l3-4" />
        </Icon>
    ),
    pull_requests: (
        <Icon>
            <circle cx="4" cy="3.500" r="1.500" />
            <circle cx="4" cy="12.500" r="1.500" />
            <circle cx="12" cy="12.500" r="1.500" />
            <path d="M4 5v6M12 11V6a2 2 0 0 0-2-2H8M9.500 2.500 8 4l1.500 1.500" />
        </Icon>
    ),
};
export type MarkName = keyof typeof MARK_ICONS;
