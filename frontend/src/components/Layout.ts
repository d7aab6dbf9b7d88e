import { graphql } from '../lib/graphql.ts';

export const SiteFields = graphql(`
  fragment SiteFields on Site {
    name
    locales
    locale
    announcementDetails {
      text
      link
      severity
    }
    navigation {
      label
      path
      children {
        label
        path
      }
    }
    footer {
      label
      path
      children {
        label
        path
      }
    }
    footerText
    publisher
    correctionsEmail
    profiles {
      name
      url
    }
  }
`);
