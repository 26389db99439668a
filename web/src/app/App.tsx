import { StrictMode, Suspense } from 'react';
import { Provider } from 'react-redux';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { Shell } from '@/app/layout/Shell';
import { NotFoundPage } from '@/app/NotFoundPage';
import { PreferencesProvider } from '@/app/PreferencesProvider';
import { entry, PageBody, PERSONAL, PLACES, session } from '@/app/pages';
import { store } from '@/app/store';
import { useAccess } from '@/shared/api/access';
import { isEntry, signInAddress } from '@/shared/lib/entry';

export function App() {
    return (
        <StrictMode>
            <ErrorBoundary>
                <Suspense fallback={null}>
                    <Provider store={store}>
                        <PreferencesProvider>
                            <BrowserRouter>
                                <Doors />
                            </BrowserRouter>
                        </PreferencesProvider>
                    </Provider>
                </Suspense>
            </ErrorBoundary>
        </StrictMode>
    );
}

/** Who is not signed in sees the pages before the door; who must set up a second factor, the page for that. */
function Doors() {
    const here = useLocation();
    const { state, me } = useAccess();
    if (isEntry(here.pathname)) return <PageBody key="entry" page={entry} />;
    if (state && !state.open && !me) return <Navigate to={signInAddress(here)} replace />;
    if (me?.must_enrol && here.pathname !== '/security') return <Navigate to="/security" replace />;
    return (
        <Shell>
            <Routes>
                {[...PLACES, ...PERSONAL].map(({ key, path, page }) => (
                    <Route key={key} path={path} element={<PageBody key={key} page={page} />} />
                ))}
                <Route path="/sessions/:id" element={<PageBody key="session" page={session} />} />
                <Route path="*" element={<NotFoundPage />} />
            </Routes>
        </Shell>
    );
}
