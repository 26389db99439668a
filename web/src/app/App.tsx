import { StrictMode, Suspense } from 'react';
import { Provider } from 'react-redux';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ErrorBoundary } from '@/app/ErrorBoundary';
import { Shell } from '@/app/layout/Shell';
import { NotFoundPage } from '@/app/NotFoundPage';
import { PreferencesProvider } from '@/app/PreferencesProvider';
import { PageBody, PLACES, session } from '@/app/pages';
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
                                        {PLACES.map(({ key, path, page }) => (
                                            <Route
                                                key={key}
                                                path={path}
                                                element={<PageBody key={key} page={page} />}
                                            />
                                        ))}
                                        <Route
                                            path="/sessions/:id"
                                            element={<PageBody key="session" page={session} />}
                                        />
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
