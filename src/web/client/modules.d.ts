/** Made by `vite.config.ts`: the address of the world's land and borders as GeoJSON. */
declare module 'virtual:world' {
  const address: string;
  export default address;
}
