import type { ThunkDispatch, UnknownAction } from '@reduxjs/toolkit';

// The store is made in app/, which shared/ must not know; every dispatch it could have is one of these.
// biome-ignore lint/suspicious/noExplicitAny: RTK Query's own life cycle declares it so
export type AppDispatch = ThunkDispatch<any, any, UnknownAction>;
