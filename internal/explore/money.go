package explore

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"showback"
)

// centless are the currencies without a smaller unit that bills come in. (ISO
// 4217, list one, 2024-06.)
var centless = map[string]bool{"JPY": true, "KRW": true, "VND": true, "CLP": true, "ISK": true}

// symbols are the signs of currencies that have one of their own.
var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥", "KRW": "₩"}

// InCurrency puts the currency to a number's text: "$12.00", "-€0.50",
// "12.00 CHF".
func InCurrency(number, currency string) string {
	symbol, ok := symbols[currency]
	if !ok {
		return number + " " + currency
	}
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		return "-" + symbol + rest
	}
	return symbol + number
}

// MoneyText writes an amount for a person: "$1,234.56", "1,234.56 CHF",
// "-$0.50". It is rounded half away from zero to cents; an amount below one
// cent keeps its first two digits instead, "$0.000042", so that nothing that
// costs reads as nothing. Currencies without cents have no decimals.
func MoneyText(amount showback.Decimal, currency string) string {
	decimals := int32(2)
	if centless[currency] {
		decimals = 0
	}
	if smallest := showback.NewDecimal(big.NewInt(1), decimals); amount.Abs().Cmp(smallest) < 0 {
		decimals = max(decimals, firstDigits(amount))
	}
	return InCurrency(Grouped(amount.Fixed(decimals)), currency)
}

// AmountsText writes amounts of several currencies for a person, in order of
// currency: "€0.50 and $12.00".
func AmountsText(byCurrency map[string]showback.Decimal) string {
	var texts []string
	for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
		texts = append(texts, MoneyText(byCurrency[currency], currency))
	}
	return strings.Join(texts, " and ")
}

// Grouped puts commas between the thousands of a number's text: "-1,234.5".
func Grouped(number string) string {
	rest, negative := strings.CutPrefix(number, "-")
	whole, fraction, point := strings.Cut(rest, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// firstDigits returns the decimals that show the first two digits of an amount
// below one, without a trailing zero.
func firstDigits(amount showback.Decimal) int32 {
	_, fraction, _ := strings.Cut(amount.Abs().String(), ".")
	zeros := len(fraction) - len(strings.TrimLeft(fraction, "0"))
	return min(int32(zeros+2), amount.Scale())
}
