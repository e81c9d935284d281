// Style files are the bundler's to read.

declare module '*.css'
