/** Navigation around the pages, and the keys that work everywhere. */
import type { ReactNode } from 'react';
import { Fragment, lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { AccountButton } from '@/app/layout/AccountButton';
import { ImportProgress } from '@/app/layout/ImportProgress';
import { useAllPlaces, usePlaces } from '@/app/layout/usePlaces';
import { preloadPlace } from '@/app/pages';
import type { AppDispatch } from '@/shared/api/dispatch';
import { useGetVersionQuery } from '@/shared/api/generated';
import { usePreferences } from '@/shared/lib/format';
import { BrandMark } from '@/shared/ui/BrandMark';
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
        () => ({
            openPalette: () => setOpen('palette'),
            openHelp: () => setOpen('help'),
            account: <AccountButton />,
        }),
        [],
    );
    const dispatch = useDispatch<AppDispatch>();
    const preferences = usePreferences();
    // Whoever points at a link will open it in a moment: its code and its figures come meanwhile.
    const prepare = async (key: string) => {
        const module = await preloadPlace(key);
        module?.askAhead?.(dispatch, preferences);
    };
    const places = usePlaces();
    useKeys(setOpen, useAllPlaces());
    // When the browser has nothing else to do, the other pages come ahead of their first visit.
    useEffect(() => {
        const timer = setTimeout(() => {
            for (const place of places) if (!place.right) void preloadPlace(place.key);
            void loadPalette(); // what is typed right after ⌘K must find its field
        }, PRELOAD_AFTER);
        return () => clearTimeout(timer);
    }, [places]);
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
                        {places.map((place, index) => (
                            <Fragment key={place.key}>
                                {place.right && !places[index - 1]?.right ? (
                                    <li className="nav-group wide-only">
                                        {t('shell.organisation')}
                                    </li>
                                ) : null}
                                <li className={place.right ? 'wide-only' : undefined}>
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
                            </Fragment>
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

const JUMP_WITHIN = 1200;

function typing(target: EventTarget | null): boolean {
    return (
        target instanceof HTMLElement &&
        (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    );
}

/** ⌘K or Ctrl K, `g` and a letter, `?`. Synchronises with the keyboard. */
function useKeys(
    open: (what: 'palette' | 'help') => void,
    places: ReturnType<typeof useAllPlaces>,
): void {
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
                const place = places.find((one) => one.jump === event.key);
                if (place) void navigate(place.path);
            }
        };
        window.addEventListener('keydown', key);
        return () => window.removeEventListener('keydown', key);
    }, [navigate, open, places]);
}
