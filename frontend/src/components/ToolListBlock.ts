import { graphql } from '../lib/graphql.ts';
import { ToolTeaserFields } from './ToolTeaser.ts';

export const ToolListBlockFields = graphql(
  `
    fragment ToolListBlockFields on ToolListBlock {
      id
      heading
      tools {
        ...ToolTeaserFields
      }
    }
  `,
  [ToolTeaserFields],
);
