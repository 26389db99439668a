// One server with a year of demo data for all tests that only look; those that change something start their own.
import { serve, World } from '../api/program.mjs';

export default async function () {
    const world = new World({ transcripts: false });
    const server = await serve(world, '--demo');
    process.env.TIDEMARK_DEMO = `http://127.0.0.1:${server.port}`;
    return async () => {
        await server.stop();
        world.remove();
    };
}
