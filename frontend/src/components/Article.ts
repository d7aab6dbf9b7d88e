import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';
import { BreadcrumbFields } from './Breadcrumbs.ts';
import { BylineFields } from './Byline.ts';
import { CorrectionFields } from './Corrections.ts';
import { ImageFields } from './Image.ts';
import { ToolTeaserFields } from './ToolTeaser.ts';

export const ArticleFields = graphql(
  `
    fragment ArticleFields on Article {
      title
      path
      locale
      updatedAt
      publishedAt
      question
      dek
      hero {
        credit
        ...ImageFields
      }
      topics {
        name
        slug
      }
      tools {
        ...ToolTeaserFields
      }
      body {
        ...BlockFields
      }
      corrections {
        ...CorrectionFields
      }
      related(first: 4) {
        reason
        page {
          title
          path
        }
      }
      ...BylineFields
      ...BreadcrumbFields
    }
  `,
  [BlockFields, BreadcrumbFields, BylineFields, CorrectionFields, ImageFields, ToolTeaserFields],
);
