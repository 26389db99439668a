export function BrandMark({ size = 22 }: { size?: number }) {
    return (
        <svg
            width={size}
            height={size}
            viewBox="0 0 24 24"
            fill="none"
            stroke="var(--accent)"
            strokeWidth="2"
            strokeLinecap="round"
            aria-hidden="true"
        >
            <path d="M3 8h18" strokeDasharray="2 3" />
            <path d="M3 14c2.500-3 5-3 7.500 0s5 3 10.500-1" />
            <path d="M3 19c2.500-3 5-3 7.500 0s5 3 10.500-1" opacity=".45" />
        </svg>
    );
}
