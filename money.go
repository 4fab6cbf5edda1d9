package showback

// Money is an exact amount of one currency (ISO 4217 code as the bill gives it).
type Money struct {
	Amount   Decimal
	Currency string
}

// Add returns m + n. Two different currencies are never added: that is an
// error of KindInvalid. The zero Money has no currency and takes the other's.
func (m Money) Add(n Money) (Money, error) {
	switch {
	case m.Currency == n.Currency, n == Money{}:
		return Money{m.Amount.Add(n.Amount), m.Currency}, nil
	case m == Money{}:
		return n, nil
	}
	return Money{}, Errorf(KindInvalid, "add %s to %s: currencies differ", n, m)
}

func (m Money) String() string { return m.Amount.String() + " " + m.Currency }
