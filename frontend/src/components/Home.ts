import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';
import { FeaturedFields } from './Featured.ts';

export const HomeFields = graphql(
  `
    fragment HomeFields on Home {
      title
      path
      intro
      featured {
        ...FeaturedFields
      }
      body {
        ...BlockFields
      }
    }
  `,
  [BlockFields, FeaturedFields],
);
