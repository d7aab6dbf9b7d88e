import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';

export const HomeFields = graphql(
  `
    fragment HomeFields on Home {
      title
      path
      intro
      body {
        ...BlockFields
      }
    }
  `,
  [BlockFields],
);
