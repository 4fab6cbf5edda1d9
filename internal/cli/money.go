package cli

import (
	"strconv"
	"strings"

	"showback"
	"showback/internal/explore"
)

// symbols are the signs of currencies that have one of their own.
var symbols = map[string]string{"EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥", "KRW": "₩"}

// moneyText writes an amount as explore.MoneyText does, with the currency's
// sign where it has one of its own: "$1,234.56", "-€0.50", "1,234.56 CHF".
func moneyText(amount showback.Decimal, currency string) string {
	text := explore.MoneyText(amount, currency)
	symbol, ok := symbols[currency]
	if !ok {
		return text
	}
	text = strings.TrimSuffix(text, " "+currency)
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		return "-" + symbol + rest
	}
	return symbol + text
}

// signedMoney writes a difference: "+$12.00", "-$0.50", "$0.00".
func signedMoney(amount showback.Decimal, currency string) string {
	if amount.Sign() > 0 {
		return "+" + moneyText(amount, currency)
	}
	return moneyText(amount, currency)
}

// numberText writes a number with commas and at most the given decimals, more
// where it would otherwise read as nothing.
func numberText(n showback.Decimal, decimals int32) string {
	short := n.Round(decimals)
	for ; short.IsZero() && !n.IsZero(); decimals++ {
		short = n.Round(decimals + 1)
	}
	text := short.String()
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "-", rest
	}
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// countText writes a count with commas.
func countText(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return numberText(showback.DecimalFromInt(n), 0)
}

// rateText writes a price of something small with up to four decimals: a
// million tokens may cost $0.0375.
func rateText(amount showback.Decimal, currency string) string {
	cents := moneyText(amount, currency)
	if amount.Abs().Cmp(showback.MustDecimal("0.01")) < 0 || amount.Round(2).Equal(amount.Round(4)) {
		return cents
	}
	short := amount.Round(4)
	whole, fraction, found := strings.Cut(cents, ".")
	if !found {
		return cents
	}
	_, digits, _ := strings.Cut(short.String(), ".")
	suffix := strings.TrimLeft(fraction, "0123456789")
	if !strings.HasSuffix(strings.ReplaceAll(whole, ",", ""), wholeDigits(short)) {
		return cents
	}
	return whole + "." + digits + suffix
}

func wholeDigits(d showback.Decimal) string {
	whole, _, _ := strings.Cut(d.Abs().String(), ".")
	return whole
}
