import { StrictMode, Suspense } from 'react';
import { Provider } from 'react-redux';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { Shell } from '@/app/layout/Shell';
import { NotFoundPage } from '@/app/NotFoundPage';
import { PreferencesProvider } from '@/app/PreferencesProvider';
import { ExplorePage, OverviewPage, SessionPage, SessionsPage, SettingsPage } from '@/app/pages';
import { store } from '@/app/store';

export function App() {
    return (
        <StrictMode>
            <ErrorBoundary>
                <Suspense fallback={null}>
                    <Provider store={store}>
                        <PreferencesProvider>
                            <BrowserRouter>
                                <Shell>
                                    <Routes>
                                        <Route path="/" element={<OverviewPage />} />
                                        <Route path="/explore" element={<ExplorePage />} />
                                        <Route path="/sessions" element={<SessionsPage />} />
                                        <Route path="/sessions/:id" element={<SessionPage />} />
                                        <Route path="/settings" element={<SettingsPage />} />
                                        <Route path="*" element={<NotFoundPage />} />
                                    </Routes>
                                </Shell>
                            </BrowserRouter>
                        </PreferencesProvider>
                    </Provider>
                </Suspense>
            </ErrorBoundary>
        </StrictMode>
    );
}
