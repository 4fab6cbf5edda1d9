package cli

import (
	"strconv"
	"strings"

	"showback"
	"showback/internal/explore"
)

// signedMoney writes a difference: "+$12.00", "-$0.50", "$0.00".
func signedMoney(amount showback.Decimal, currency string) string {
	if amount.Sign() > 0 {
		return "+" + explore.MoneyText(amount, currency)
	}
	return explore.MoneyText(amount, currency)
}

// numberText writes a number with commas and at most the given decimals, more
// where it would otherwise read as nothing.
func numberText(n showback.Decimal, decimals int32) string {
	short := n.Round(decimals)
	for ; short.IsZero() && !n.IsZero(); decimals++ {
		short = n.Round(decimals + 1)
	}
	return explore.Grouped(short.String())
}

// countText writes a count with commas.
func countText(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return numberText(showback.DecimalFromInt(n), 0)
}

// rateDecimals is how many decimals a price has at most: a million tokens may
// cost $0.0375.
const rateDecimals = 4

// rateText writes a price, with more decimals than an amount where it has them.
func rateText(price showback.Decimal, currency string) string {
	cents := explore.MoneyText(price, currency)
	short := price.Round(rateDecimals)
	if !strings.Contains(cents, ".") || short.Scale() <= 2 || price.Abs().Cmp(showback.MustDecimal("0.01")) < 0 {
		return cents
	}
	return explore.InCurrency(explore.Grouped(short.String()), currency)
}
