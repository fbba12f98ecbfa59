//! Countries: their English short names, and where their tile lies on the map.
//!
//! The map gives each country one tile of the same size, so that small ones can be seen. Tiles keep
//! neighbours together; distances and shapes are not to scale.

use node::pledge::Country;

/// Columns of the map.
pub(crate) const COLUMNS: u8 = 29;
/// Rows of the map.
pub(crate) const ROWS: u8 = 17;

/// A country's place on the map.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// ISO 3166-1 alpha-2.
    pub(crate) code: &'static str,
    /// The name people read.
    pub(crate) name: &'static str,
    /// Counted from the left, from 0.
    pub(crate) column: u8,
    /// Counted from the top, from 0.
    pub(crate) row: u8,
}

/// The name of a country; its code when it has no tile.
pub(crate) fn name(country: &Country) -> &str {
    let code = country.as_str();
    PLACES
        .iter()
        .find(|place| place.code == code)
        .map_or(code, |place| place.name)
}

const fn at(code: &'static str, name: &'static str, column: u8, row: u8) -> Place {
    Place {
        code,
        name,
        column,
        row,
    }
}

/// Every country on the map.
#[rustfmt::skip]
pub(crate) const PLACES: &[Place] = &[
    // North and Central America, the Caribbean
    at("CA", "Canada", 1, 1), at("US", "United States", 1, 2), at("MX", "Mexico", 1, 3),
    at("GT", "Guatemala", 0, 4), at("BZ", "Belize", 1, 4), at("CU", "Cuba", 3, 4),
    at("BS", "Bahamas", 4, 4), at("SV", "El Salvador", 0, 5), at("HN", "Honduras", 1, 5),
    at("JM", "Jamaica", 3, 5), at("HT", "Haiti", 4, 5), at("DO", "Dominican Republic", 5, 5),
    at("NI", "Nicaragua", 1, 6), at("KN", "Saint Kitts and Nevis", 4, 6),
    at("AG", "Antigua and Barbuda", 5, 6), at("CR", "Costa Rica", 1, 7), at("PA", "Panama", 2, 7),
    at("VC", "Saint Vincent and the Grenadines", 3, 7), at("LC", "Saint Lucia", 4, 7),
    at("DM", "Dominica", 5, 7),
    // South America
    at("CO", "Colombia", 1, 8), at("VE", "Venezuela", 2, 8), at("TT", "Trinidad and Tobago", 3, 8),
    at("GD", "Grenada", 4, 8), at("BB", "Barbados", 5, 8), at("EC", "Ecuador", 0, 9),
    at("GY", "Guyana", 2, 9), at("SR", "Suriname", 3, 9), at("PE", "Peru", 0, 10),
    at("BO", "Bolivia", 1, 10), at("BR", "Brazil", 2, 10), at("PY", "Paraguay", 1, 11),
    at("CL", "Chile", 0, 12), at("AR", "Argentina", 1, 12), at("UY", "Uruguay", 2, 12),
    // Europe
    at("IS", "Iceland", 9, 0), at("NO", "Norway", 13, 0), at("SE", "Sweden", 14, 0),
    at("FI", "Finland", 15, 0), at("IE", "Ireland", 8, 1), at("GB", "United Kingdom", 9, 1),
    at("DK", "Denmark", 13, 1), at("EE", "Estonia", 15, 1), at("NL", "Netherlands", 11, 2),
    at("DE", "Germany", 12, 2), at("PL", "Poland", 13, 2), at("LT", "Lithuania", 14, 2),
    at("LV", "Latvia", 15, 2), at("RU", "Russia", 17, 2), at("FR", "France", 9, 3),
    at("BE", "Belgium", 10, 3), at("LU", "Luxembourg", 11, 3), at("CZ", "Czechia", 12, 3),
    at("SK", "Slovakia", 13, 3), at("BY", "Belarus", 15, 3), at("UA", "Ukraine", 16, 3),
    at("PT", "Portugal", 7, 4), at("ES", "Spain", 8, 4), at("AD", "Andorra", 9, 4),
    at("MC", "Monaco", 10, 4), at("CH", "Switzerland", 11, 4), at("LI", "Liechtenstein", 12, 4),
    at("AT", "Austria", 13, 4), at("HU", "Hungary", 14, 4), at("RO", "Romania", 15, 4),
    at("MD", "Moldova", 16, 4), at("VA", "Holy See", 10, 5), at("IT", "Italy", 11, 5),
    at("SM", "San Marino", 12, 5), at("SI", "Slovenia", 13, 5), at("HR", "Croatia", 14, 5),
    at("RS", "Serbia", 15, 5), at("BG", "Bulgaria", 16, 5), at("MT", "Malta", 11, 6),
    at("BA", "Bosnia and Herzegovina", 13, 6), at("ME", "Montenegro", 14, 6),
    at("XK", "Kosovo", 15, 6), at("MK", "North Macedonia", 16, 6), at("AL", "Albania", 14, 7),
    at("GR", "Greece", 15, 7), at("CY", "Cyprus", 16, 7),
    // Caucasus, Middle East, Central Asia
    at("GE", "Georgia", 18, 5), at("AZ", "Azerbaijan", 19, 5), at("TR", "Türkiye", 17, 6),
    at("AM", "Armenia", 18, 6), at("KZ", "Kazakhstan", 20, 4), at("UZ", "Uzbekistan", 20, 5),
    at("KG", "Kyrgyzstan", 21, 5), at("TM", "Turkmenistan", 20, 6), at("TJ", "Tajikistan", 21, 6),
    at("SY", "Syria", 17, 7), at("IQ", "Iraq", 18, 7), at("IR", "Iran", 19, 7),
    at("AF", "Afghanistan", 20, 7), at("LB", "Lebanon", 15, 8), at("IL", "Israel", 16, 8),
    at("JO", "Jordan", 17, 8), at("KW", "Kuwait", 18, 8), at("BH", "Bahrain", 19, 8),
    at("PS", "Palestine", 16, 9), at("SA", "Saudi Arabia", 17, 9), at("QA", "Qatar", 18, 9),
    at("AE", "United Arab Emirates", 19, 9), at("YE", "Yemen", 17, 10), at("OM", "Oman", 18, 10),
    // South, East and South-East Asia
    at("MN", "Mongolia", 23, 4), at("CN", "China", 23, 5), at("KP", "North Korea", 24, 5),
    at("JP", "Japan", 26, 5), at("KR", "South Korea", 24, 6), at("PK", "Pakistan", 21, 7),
    at("NP", "Nepal", 22, 7), at("BT", "Bhutan", 23, 7), at("TW", "Taiwan", 25, 7),
    at("IN", "India", 21, 8), at("BD", "Bangladesh", 22, 8), at("MM", "Myanmar", 23, 8),
    at("LA", "Laos", 24, 8), at("VN", "Viet Nam", 25, 8), at("PH", "Philippines", 27, 8),
    at("LK", "Sri Lanka", 21, 9), at("TH", "Thailand", 23, 9), at("KH", "Cambodia", 24, 9),
    at("MV", "Maldives", 20, 10), at("MY", "Malaysia", 23, 10), at("BN", "Brunei", 25, 10),
    at("SG", "Singapore", 23, 11), at("ID", "Indonesia", 24, 11), at("TL", "Timor-Leste", 25, 11),
    // Oceania
    at("PW", "Palau", 26, 10), at("FM", "Micronesia", 27, 10), at("MH", "Marshall Islands", 28, 10),
    at("PG", "Papua New Guinea", 26, 11), at("NR", "Nauru", 27, 11), at("KI", "Kiribati", 28, 11),
    at("SB", "Solomon Islands", 26, 12), at("TV", "Tuvalu", 27, 12), at("WS", "Samoa", 28, 12),
    at("AU", "Australia", 24, 13), at("VU", "Vanuatu", 26, 13), at("FJ", "Fiji", 27, 13),
    at("TO", "Tonga", 28, 13), at("NZ", "New Zealand", 26, 15),
    // Africa
    at("MA", "Morocco", 7, 8), at("DZ", "Algeria", 8, 8), at("TN", "Tunisia", 9, 8),
    at("LY", "Libya", 10, 8), at("EG", "Egypt", 11, 8), at("CV", "Cabo Verde", 5, 9),
    at("MR", "Mauritania", 7, 9), at("ML", "Mali", 8, 9), at("NE", "Niger", 9, 9),
    at("TD", "Chad", 10, 9), at("SD", "Sudan", 11, 9), at("ER", "Eritrea", 12, 9),
    at("SN", "Senegal", 6, 10), at("GM", "Gambia", 7, 10), at("BF", "Burkina Faso", 8, 10),
    at("NG", "Nigeria", 9, 10), at("CF", "Central African Republic", 10, 10),
    at("SS", "South Sudan", 11, 10), at("ET", "Ethiopia", 12, 10), at("DJ", "Djibouti", 13, 10),
    at("GW", "Guinea-Bissau", 6, 11), at("GN", "Guinea", 7, 11), at("TG", "Togo", 8, 11),
    at("BJ", "Benin", 9, 11), at("CM", "Cameroon", 10, 11), at("UG", "Uganda", 11, 11),
    at("KE", "Kenya", 12, 11), at("SO", "Somalia", 13, 11), at("SL", "Sierra Leone", 6, 12),
    at("LR", "Liberia", 7, 12), at("CI", "Côte d’Ivoire", 8, 12), at("GH", "Ghana", 9, 12),
    at("GQ", "Equatorial Guinea", 10, 12), at("CD", "Congo (Democratic Republic)", 11, 12),
    at("RW", "Rwanda", 12, 12), at("TZ", "Tanzania", 13, 12),
    at("ST", "São Tomé and Príncipe", 9, 13), at("GA", "Gabon", 10, 13),
    at("CG", "Congo (Republic)", 11, 13), at("BI", "Burundi", 12, 13), at("AO", "Angola", 11, 14),
    at("ZM", "Zambia", 12, 14), at("MW", "Malawi", 13, 14), at("KM", "Comoros", 15, 14),
    at("SC", "Seychelles", 16, 14), at("NA", "Namibia", 11, 15), at("BW", "Botswana", 12, 15),
    at("ZW", "Zimbabwe", 13, 15), at("MZ", "Mozambique", 14, 15), at("MG", "Madagascar", 15, 15),
    at("MU", "Mauritius", 16, 15), at("ZA", "South Africa", 12, 16), at("LS", "Lesotho", 13, 16),
    at("SZ", "Eswatini", 14, 16),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use node::pledge::{PARIS_CALL, PledgeFile};

    use super::*;

    #[test]
    fn each_country_has_one_tile_and_each_tile_one_country() {
        let codes: HashSet<_> = PLACES.iter().map(|place| place.code).collect();
        let tiles: HashSet<_> = PLACES
            .iter()
            .map(|place| (place.column, place.row))
            .collect();
        assert_eq!((codes.len(), tiles.len()), (PLACES.len(), PLACES.len()));
        assert!(
            PLACES
                .iter()
                .all(|place| place.column < COLUMNS && place.row < ROWS)
        );
        // 193 members of the United Nations, the two observer states, Kosovo and Taiwan.
        assert_eq!(PLACES.len(), 197);
    }

    #[test]
    fn every_country_of_the_paris_call_is_on_the_map() {
        let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
        for country in file.parties.iter().filter_map(|party| party.country) {
            assert_ne!(name(&country), country.as_str());
        }
    }
}
