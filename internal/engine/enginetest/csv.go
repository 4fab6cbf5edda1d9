package enginetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"showback"
	"showback/internal/explore/exploretest"
	"showback/internal/source"
)

// Delivery is the charges of one billing month of one export: what one CUR 2.0
// file holds.
type Delivery struct {
	Payer, Export string
	Month         showback.Month
	Charges       []showback.Charge
}

// Deliveries splits charges by payer, export and month, in the order in which
// these first occur.
func Deliveries(charges []showback.Charge) []Delivery {
	var out []Delivery
	for _, c := range charges {
		i := slices.IndexFunc(out, func(d Delivery) bool {
			return d.Payer == c.Payer && d.Export == c.Export && d.Month == c.Month
		})
		if i < 0 {
			i = len(out)
			out = append(out, Delivery{Payer: c.Payer, Export: c.Export, Month: c.Month})
		}
		out[i].Charges = append(out[i].Charges, c)
	}
	return out
}

// timeForm is how Data Exports writes a time into CSV.
const timeForm = "2006-01-02T15:04:05.000Z"

// WriteCSV writes the charges of one delivery as a CUR 2.0 CSV file with a
// header. The file gives the charges back, amounts on every basis included,
// when read by ARCHITECTURE.md §3:
//
//   - a column stands for a basis only where the delivery carries it;
//   - amortized amounts are written as the commitment columns from which a
//     reader derives them; where the delivery carries them the first row has a
//     0 in each of those columns that it does not need, so that they have a
//     value somewhere;
//   - on other rows some amounts of 0 are left blank, which counts as 0;
//   - maps are JSON objects, and a delivery whose charges say NoCallerColumn
//     has no caller column.
//
// Charges that no file can say are an error of KindInvalid: of several
// deliveries, some with a caller column and some without, or with amounts that
// contradict the table of bases (see exploretest.FillAmounts).
func WriteCSV(w io.Writer, charges []showback.Charge) error {
	if err := checkDelivery(charges); err != nil {
		return err
	}
	fields := columns(charges)
	out := csv.NewWriter(w)
	record := make([]string, len(fields))
	for i, f := range fields {
		record[i] = string(f)
	}
	err := out.Write(record)
	for n, c := range charges {
		values := cells(c)
		for i, f := range fields {
			record[i] = asWritten(n, f, values[f])
		}
		err = errors.Join(err, out.Write(record))
	}
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// asWritten returns the cell's text in the nth row: amounts that count as 0
// when blank are written in the first row and blank in every other.
func asWritten(n int, f source.Field, text string) string {
	switch {
	case source.KindOf(f) != source.Amount, f == source.Unblended, f == source.Quantity, f == source.ListCost:
	case n == 0 && text == "":
		return "0"
	case n%2 == 1 && text == "0":
		return ""
	}
	return text
}

func checkDelivery(charges []showback.Charge) error {
	if n := len(Deliveries(charges)); n != 1 {
		return showback.Errorf(showback.KindInvalid, "write CSV: charges of %d deliveries, want 1", n)
	}
	filled := slices.Clone(charges)
	if err := exploretest.FillAmounts(filled); err != nil {
		return showback.Errorf(showback.KindInvalid, "write CSV: %w", err)
	}
	for i, c := range charges {
		switch {
		case c.NoCallerColumn != charges[0].NoCallerColumn:
			return showback.Errorf(showback.KindInvalid, "write CSV: charge %d and the first differ in having a caller column", i+1)
		case c.NoCallerColumn && c.Caller != "":
			return showback.Errorf(showback.KindInvalid, "write CSV: charge %d has a caller and no caller column", i+1)
		case !maps.EqualFunc(c.Amounts, filled[i].Amounts, showback.Decimal.Equal):
			return showback.Errorf(showback.KindInvalid, "write CSV: charge %d has amounts %v, its delivery makes them %v", i+1, c.Amounts, filled[i].Amounts)
		}
	}
	return nil
}

// columns returns the columns of the delivery's file.
func columns(charges []showback.Charge) []source.Field {
	fields := []source.Field{
		source.Payer, source.PayerName, source.PeriodStart, source.BillType, source.BillingEntity,
		source.Invoice, source.InvoicingEntity, source.LegalEntity,
		source.Account, source.AccountName, source.LineType, source.UsageStart, source.UsageEnd, source.Resource,
		source.ProductCode, source.UsageType, source.Operation, source.Description, source.Unit, source.PurchaseTerm,
		source.ServiceCode, source.ProductFamily, source.Region, source.Product,
		source.Tags, source.Currency, source.Quantity, source.Rate, source.Unblended,
	}
	carried := map[showback.Basis]bool{}
	commitments := false
	for _, c := range charges {
		for b := range c.Amounts {
			carried[b] = true
		}
		commitments = commitments || showback.ChargeTypeOf(c.Type).Commitment || exploretest.IsReservationFee(c)
	}
	if carried[showback.NetUnblended] {
		fields = append(fields, source.NetCost)
	}
	if carried[showback.Blended] {
		fields = append(fields, source.Blended)
	}
	if carried[showback.List] {
		fields = append(fields, source.ListCost)
	}
	if commitments && carried[showback.Amortized] {
		fields = append(fields, source.SPEffective, source.SPTotalCommitment, source.SPUsedCommitment,
			source.RIARN, source.RIEffective, source.RIUnusedUpfront, source.RIUnusedRecurring)
	}
	if commitments && carried[showback.NetAmortized] {
		fields = append(fields, source.SPNetEffective, source.RINetEffective, source.RINetUnusedUpfront, source.RINetUnusedRecurring)
	}
	if !charges[0].NoCallerColumn {
		fields = append(fields, source.Caller) // last, as AWS's own template has it
	}
	return fields
}

// cells returns the text of every field of the charge; a field without text is
// blank.
func cells(c showback.Charge) map[source.Field]string {
	m := c.Meter
	v := map[source.Field]string{
		source.Payer: c.Payer, source.PayerName: c.PayerName, source.PeriodStart: c.Month.Start().Format(timeForm),
		source.BillType: c.BillType, source.BillingEntity: c.BillingEntity, source.Invoice: c.Invoice,
		source.InvoicingEntity: c.InvoicingEntity, source.LegalEntity: c.LegalEntity,
		source.Account: c.Account, source.AccountName: c.AccountName, source.Caller: c.Caller, source.LineType: c.Type,
		source.UsageStart: writeTime(c.UsageStart), source.UsageEnd: writeTime(c.UsageEnd), source.Resource: c.Resource,
		source.ProductCode: m.ProductCode, source.UsageType: m.UsageType, source.Operation: m.Operation,
		source.Description: m.Description, source.Unit: m.Unit, source.PurchaseTerm: m.PurchaseTerm,
		source.ServiceCode: m.ServiceCode, source.ProductFamily: m.ProductFamily, source.Region: m.Region,
		source.Product: object(map[string]string{
			"product_name": m.ProductName, "provider": m.Provider, "model": m.Model,
			"inference_type": m.InferenceType, "feature": m.Feature,
		}),
		source.Currency: c.Currency, source.Rate: m.Rate,
	}
	tags := map[string]string{}
	for key, value := range c.Tags {
		tags[key.String()] = value
	}
	v[source.Tags] = object(tags)
	if c.Quantity != nil {
		v[source.Quantity] = c.Quantity.String()
	}
	for basis, field := range map[showback.Basis]source.Field{
		showback.Unblended: source.Unblended, showback.NetUnblended: source.NetCost,
		showback.Blended: source.Blended, showback.List: source.ListCost,
	} {
		if amount, ok := c.Amounts[basis]; ok {
			v[field] = amount.String()
		}
	}
	commitmentCells(c, v)
	return v
}

// commitmentCells writes the columns from which the amortized amounts follow.
// What a column pair leaves open (a difference, a sum) is filled with any
// numbers that give the amount.
func commitmentCells(c showback.Charge, v map[source.Field]string) {
	amortized, carried := c.Amounts[showback.Amortized]
	if !carried {
		return
	}
	net := c.Amounts[showback.NetAmortized]
	split := func(amount showback.Decimal, upfront, recurring source.Field) {
		third := amount.Quo(showback.DecimalFromInt(3), showback.AmountScale)
		v[upfront], v[recurring] = third.String(), amount.Sub(third).String()
	}
	const arn = "arn:aws:ec2:us-east-1:111122223333:reserved-instances/0a1b2c3d"
	switch c.Type {
	case "SavingsPlanCoveredUsage":
		v[source.SPEffective], v[source.SPNetEffective] = amortized.String(), net.String()
	case "SavingsPlanRecurringFee":
		used := amortized.Abs().Add(showback.MustDecimal("1.25"))
		v[source.SPTotalCommitment], v[source.SPUsedCommitment] = amortized.Add(used).String(), used.String()
	case "DiscountedUsage":
		v[source.RIARN] = arn
		v[source.RIEffective], v[source.RINetEffective] = amortized.String(), net.String()
	case "RIFee":
		v[source.RIARN] = arn
		split(amortized, source.RIUnusedUpfront, source.RIUnusedRecurring)
		split(net, source.RINetUnusedUpfront, source.RINetUnusedRecurring)
	case "Fee":
		if exploretest.IsReservationFee(c) {
			v[source.RIARN] = arn
		}
	}
}

func writeTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeForm)
}

// object writes a map column: a JSON object without the entries that are
// blank, since a key is in a map only where it has a value.
func object(entries map[string]string) string {
	maps.DeleteFunc(entries, func(_, value string) bool { return value == "" })
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(entries); err != nil {
		panic("BUG: " + err.Error())
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
