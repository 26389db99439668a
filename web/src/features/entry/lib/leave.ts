import type { Me } from '@/shared/api/model';
import { noteSignedIn } from '@/shared/api/session';
import { safeTarget } from '@/shared/lib/entry';

/** Signed in: on to where the person wanted to go, as a new document that remembers nothing of before. */
export function enter(me: Me, wanted: string | null = null): void {
    noteSignedIn(me.id);
    location.replace(me.must_enrol ? '/security' : safeTarget(wanted, location.origin));
}
