package reconcile

import (
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetAmount reads a column of amounts in whichever type it is written.
func parquetAmount(node *parquet.Column, c amountColumn, cells *cellReader) (parquetColumn, error) {
	const want = "a double, a float, a decimal, an integer or a text"
	if !isScalar(node) {
		return parquetColumn{}, wrongType(node, want)
	}
	if isNull(node) {
		return absent(node), nil
	}
	p := &cells.parser
	var scale int32
	var unsigned, decimal bool
	if logical := node.Type().LogicalType(); logical != nil {
		switch t := logical.Value.(type) {
		case *format.DecimalType:
			scale, decimal = t.Scale, true
		case *format.IntType:
			unsigned = !t.IsSigned
		case *format.StringType, nil:
		default: // a date, a time, JSON: not an amount
			return parquetColumn{}, wrongType(node, want)
		}
	}
	double := func(f float64, bits int, l *line) {
		if err := p.readDouble(f, bits, &l.amounts[c]); err != nil {
			l.fail(amountNames[c], parquet.DoubleValue(f).String(), "a finite number")
		}
	}
	switch kind := node.Type().Kind(); {
	case kind == parquet.Double:
		return scalar(node, func(v parquet.Value, l *line) { double(v.Double(), 64, l) }), nil
	case kind == parquet.Float:
		return scalar(node, func(v parquet.Value, l *line) { double(float64(v.Float()), 32, l) }), nil
	case kind == parquet.Int32 && unsigned:
		return scalar(node, func(v parquet.Value, l *line) { p.place(uint64(v.Uint32()), 0, false, &l.amounts[c]) }), nil
	case kind == parquet.Int64 && unsigned:
		return scalar(node, func(v parquet.Value, l *line) { p.place(v.Uint64(), 0, false, &l.amounts[c]) }), nil
	case kind == parquet.Int32:
		return scalar(node, func(v parquet.Value, l *line) { p.readScaled(int64(v.Int32()), scale, &l.amounts[c]) }), nil
	case kind == parquet.Int64:
		return scalar(node, func(v parquet.Value, l *line) { p.readScaled(v.Int64(), scale, &l.amounts[c]) }), nil
	case isBytes(node) && decimal:
		return scalar(node, func(v parquet.Value, l *line) { p.readBytes(v.ByteArray(), scale, &l.amounts[c]) }), nil
	case kind == parquet.ByteArray:
		return scalar(node, func(v parquet.Value, l *line) { setAmount(cells, l, c, v.ByteArray()) }), nil
	}
	return parquetColumn{}, wrongType(node, want)
}
