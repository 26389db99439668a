import { initials } from '@/shared/lib/initials';

/** A person's initials; decoration beside the name, so drawn by the style sheet and not read out. */
export function Avatar({ name, large }: { name: string; large?: boolean }) {
    return (
        <span
            className={large ? 'avatar avatar-large' : 'avatar'}
            data-letters={initials(name)}
            aria-hidden="true"
        />
    );
}
