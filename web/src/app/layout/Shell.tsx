/** Navigation around the pages, and the keys that work everywhere. */
import type { ReactNode } from 'react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { ImportProgress } from '@/app/layout/ImportProgress';
import { PLACES, preloadPlace } from '@/app/pages';
import type { AppDispatch } from '@/shared/api/dispatch';
import { useGetVersionQuery } from '@/shared/api/generated';
import { usePreferences } from '@/shared/lib/format';
import { ShellContext } from '@/shared/ui/shellContext';

const loadPalette = () => import('@/app/layout/Palette');
const Palette = lazy(loadPalette);
const KeyHelp = lazy(() => import('@/app/layout/KeyHelp'));

/** Late enough (ms) not to take time from the first page. */
const PRELOAD_AFTER = 4000;

export function Shell({ children }: { children: ReactNode }) {
    const { t } = useTranslation('common');
    const { pathname } = useLocation();
    const [open, setOpen] = useState<'palette' | 'help' | null>(null);
    const offers = useMemo(
        () => ({ openPalette: () => setOpen('palette'), openHelp: () => setOpen('help') }),
        [],
    );
    const dispatch = useDispatch<AppDispatch>();
    const preferences = usePreferences();
    // Whoever points at a link will open it in a moment: its code and its figures come meanwhile.
    const prepare = async (key: string) => {
        const module = await preloadPlace(key);
        module?.askAhead?.(dispatch, preferences);
    };
    useKeys(setOpen);
    // When the browser has nothing else to do, the other pages come ahead of their first visit.
    useEffect(() => {
        const timer = setTimeout(() => {
            for (const place of PLACES) void preloadPlace(place.key);
            void loadPalette(); // what is typed right after ⌘K must find its field
        }, PRELOAD_AFTER);
        return () => clearTimeout(timer);
    }, []);
    // A new page starts at its top; a change inside a page does not.
    // biome-ignore lint/correctness/useExhaustiveDependencies: the address is the reason
    useEffect(() => {
        window.scrollTo(0, 0); // newer browsers return a promise, which is no clean-up
    }, [pathname]);
    return (
        <ShellContext value={offers}>
            <a className="skip" href="#main">
                {t('shell.skip')}
            </a>
            <div className="shell">
                <nav className="nav" aria-label={t('shell.navigation')}>
                    <NavLink to="/" className="brand">
                        <BrandMark />
                        <span>Tidemark</span>
                        <DemoTag />
                    </NavLink>
                    <ul>
                        {PLACES.map((place) => (
                            <li key={place.key}>
                                <NavLink
                                    to={place.path}
                                    end={place.path === '/'}
                                    className="nav-link"
                                    onMouseEnter={() => prepare(place.key)}
                                    onTouchStart={() => prepare(place.key)}
                                    onFocus={() => prepare(place.key)}
                                >
                                    {t(`place.${place.key}`)}
                                </NavLink>
                            </li>
                        ))}
                    </ul>
                </nav>
                <main id="main" className="main" tabIndex={-1}>
                    <ImportProgress />
                    <ErrorBoundary resetKey={pathname}>
                        <Suspense fallback={<div className="page" aria-busy="true" />}>
                            {children}
                        </Suspense>
                    </ErrorBoundary>
                </main>
            </div>
            <Suspense fallback={null}>
                {open === 'palette' ? <Palette onClose={() => setOpen(null)} /> : null}
                {open === 'help' ? <KeyHelp onClose={() => setOpen(null)} /> : null}
            </Suspense>
        </ShellContext>
    );
}

function DemoTag() {
    const { t } = useTranslation('common');
    const { data } = useGetVersionQuery();
    return data?.demo ? <span className="tag">{t('shell.demo')}</span> : null;
}

export function BrandMark() {
    return (
        <svg
            width="22"
            height="22"
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

const JUMP_WITHIN = 1200;

function typing(target: EventTarget | null): boolean {
    return (
        target instanceof HTMLElement &&
        (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    );
}

/** ⌘K or Ctrl K, `g` and a letter, `?`. Synchronises with the keyboard. */
function useKeys(open: (what: 'palette' | 'help') => void): void {
    const navigate = useNavigate();
    const jumped = useRef(0);
    useEffect(() => {
        const key = (event: KeyboardEvent) => {
            if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
                event.preventDefault();
                open('palette');
                return;
            }
            if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
            if (event.key === '?') open('help');
            else if (event.key === 'g') jumped.current = Date.now();
            else if (Date.now() - jumped.current < JUMP_WITHIN) {
                jumped.current = 0;
                const place = PLACES.find((one) => one.jump === event.key);
                if (place) void navigate(place.path);
            }
        };
        window.addEventListener('keydown', key);
        return () => window.removeEventListener('keydown', key);
    }, [navigate, open]);
}
