/** Files that the build takes in as they are. */
declare module '*.sh' {
  const text: string;
  export default text;
}
declare module '*.conf' {
  const text: string;
  export default text;
}
